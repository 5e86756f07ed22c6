"""What is known about the request at hand: its id, who asks, and the session it concerns."""

import re
from collections.abc import Iterator
from uuid import UUID

import structlog
from flask import Flask, Request, Response, current_app, g, has_request_context, request
from flask.sessions import SessionInterface, SessionMixin

from murph.core.ids import new_id

PRIVATE = ("/api/v1/", "/pay/")
"""What is for one reader: no cache on the way keeps it."""
HTTPS_FOR_S = 365 * 24 * 3600
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-site",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Vary": "Origin",
}
"""What every answer says that has not said it otherwise."""
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id() -> str:
    """Return the id of this request: the caller's X-Request-ID, or one of ours."""
    if not has_request_context():
        return ""
    if "request_id" not in g:
        sent = request.headers.get("X-Request-ID", "")
        g.request_id = sent if _ACCEPTED.fullmatch(sent) else str(new_id())
    found: str = g.request_id
    return found


def bind_actor(user_id: UUID) -> None:
    """Note who is asking; guards do."""
    g.actor_id = user_id
    structlog.contextvars.bind_contextvars(user_id=str(user_id))


def actor_id() -> UUID:
    """Return who is asking, behind a guard that lets in known accounts only."""
    found: UUID = g.actor_id
    return found


def bind_session_id(session_id: UUID) -> None:
    """Put the watch session's id on every log line that follows in this request."""
    structlog.contextvars.bind_contextvars(session_id=str(session_id))


def _begin() -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id())


def _finish(response: Response) -> Response:
    said = {name.lower() for name, _ in response.headers}
    response.headers["X-Request-ID"] = request_id()
    for name, value in _defaults():
        if name.lower() not in said:
            response.headers.add(name, value)
    return response


def _defaults() -> Iterator[tuple[str, str]]:
    yield from _ALWAYS.items()
    if current_app.config["PUBLIC_URL"].startswith("https://"):
        yield "Strict-Transport-Security", f"max-age={HTTPS_FOR_S}"
    if request.path.startswith(PRIVATE):
        yield "Cache-Control", "no-store"


class NoCookies(SessionInterface):
    """Flask's own sessions, of which there are none here: no cookie is read or written for them."""

    def open_session(self, app: Flask, request: Request) -> None:
        """Read nothing."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write nothing."""


def init_app(app: Flask) -> None:
    """Give every request an id and every answer its headers."""
    app.session_interface = NoCookies()
    app.before_request(_begin)
    app.after_request(_finish)
