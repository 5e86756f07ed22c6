"""Paths that older clients use: without the version, or with a trailing slash."""

from collections.abc import Callable, Iterable
from typing import Any

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

_UNVERSIONED = ("/api/openapi.json", "/api/docs", "/api/v1")
_WITHOUT_ALIAS = {"/metrics/"}  # balancers refuse /metrics to the outside, by that name


class PathAliases:
    """WSGI middleware that rewrites an alias to the one path that is routed, without a redirect."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Hand the request on under its routed path."""
        environ["PATH_INFO"] = routed_path(environ.get("PATH_INFO", ""))
        return self._app(environ, start_response)


def routed_path(path: str) -> str:
    """Return the path that is routed for `path`: ``/api/sessions/`` is ``/api/v1/sessions``."""
    if path.startswith("/api/docs"):  # the one page whose routed form has the slash
        return path if path != "/api/docs" else "/api/docs/"
    if len(path) > 1 and path.endswith("/") and path not in _WITHOUT_ALIAS:
        path = path[:-1]
    if path.startswith("/api/") and not any(path == p or path.startswith(f"{p}/") for p in _UNVERSIONED):
        return "/api/v1" + path[len("/api") :]
    return path
