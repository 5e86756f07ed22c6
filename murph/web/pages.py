"""The pages: shells that say what they are about, and load the module that fills them."""

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

import flask
import structlog
from flask import Flask, Response, current_app, make_response, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from murph.core import money
from murph.core.errors import MurphError, NotFound
from murph.core.http import guarded, problem
from murph.web import policy
from murph.web.assets import PLAYER, Assets

log = structlog.get_logger(__name__)

pages = flask.Blueprint("pages", __name__, template_folder="templates")

_ASSETS = "murph_web_assets"
_YEAR_S = 31_536_000
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_NOT_PAGES = ("/api/", "/ws/", "/media/", "/static/", "/pay/", "/healthz", "/readyz", "/metrics")
_MODULE_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml"}


class Page(NamedTuple):
    """One kind of page: where it is, which module fills it, and what its tab is called."""

    rule: str
    name: str
    title: str
    template: str = "page.html"


PAGES = (
    Page("/", "catalogue", "Courses paid by the second", "catalogue.html"),
    Page("/courses/<uuid:course_id>", "course", "Course"),
    Page("/watch/<uuid:course_id>", "watch", "Watch"),
    Page("/receipts/<uuid:session_id>", "receipt", "Receipt"),
    Page("/wallet", "wallet", "Wallet"),
    Page("/library", "library", "My library"),
    Page("/teach", "teach", "Teacher's desk"),
    Page("/teach/courses/<uuid:course_id>", "teach-course", "Course on the desk"),
    Page("/login", "login", "Sign in"),
    Page("/register", "register", "Create an account"),
    Page("/profile", "profile", "Profile"),
)
MISSING = Page("", "missing", "Nothing here", "missing.html")
FAILED = Page("", "failed", "Something went wrong", "failed.html")


def init_app(app: Flask) -> None:
    """Serve the pages, the files they load, and pages in place of problems where a person asks."""
    app.extensions[_ASSETS] = Assets()
    app.register_blueprint(pages)
    app.register_error_handler(404, _render_missing)


def _view(page: Page) -> flask.typing.RouteCallable:
    def show(**_: object) -> ResponseReturnValue:
        return _elsewhere() or _shell(page)

    return guarded(show, "public")


for _page in PAGES:
    pages.add_url_rule(_page.rule, _page.name, _view(_page), methods=["GET"])


@pages.get("/static/<digest>/<path:name>")
def send_asset(digest: str, name: str) -> Response:
    """Send a file that pages load; under its own digest it never changes."""
    assets = _assets()
    path = assets.path(name)
    if path is None:
        raise NotFound
    response = send_file(path, mimetype=_MODULE_TYPES.get(path.suffix), conditional=True)
    if digest == assets.digest:
        response.headers["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable"
    else:  # a page of another version of this server
        response.headers["Cache-Control"] = "no-cache"
    return response


guarded(send_asset, "public")


def _shell(page: Page, *, status: int = 200) -> Response:
    assets, currency = _assets(), current_app.config["CURRENCY"]
    html = render_template(
        page.template,
        app_name=current_app.config["APP_NAME"],
        currency=currency,
        places=money.places(currency),
        amount=lambda minor: money.to_text(minor, currency),
        page=page,
        asset=assets.url,
        player=assets.url(PLAYER) if assets.has_player else "",
    )
    response = make_response(html, status)
    policy.apply(
        response,
        public_url=current_app.config["PUBLIC_URL"],
        media_origin=policy.media_origin_of(request.args.get("media")) if page.name == "watch" else None,
    )
    if status == HTTPStatus.OK:
        response.add_etag()
        response.make_conditional(request)
    return response


def _elsewhere() -> ResponseReturnValue | None:
    """Send who came by another name of this machine to the one that sign-ins and sockets are for."""
    public = urlsplit(current_app.config["PUBLIC_URL"])
    asked = urlsplit(request.url)
    other_name = asked.hostname != public.hostname and {asked.hostname, public.hostname} <= _LOOPBACK
    if not other_name or asked.port != public.port:
        return None
    return redirect(f"{current_app.config['PUBLIC_URL']}{request.full_path.rstrip('?')}")


def _render_missing(error: HTTPException) -> Response:
    wants_page = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")
    if request.path.startswith(_NOT_PAGES) or not wants_page:
        return problem.render_http_exception(error)
    return _shell(MISSING, status=HTTPStatus.NOT_FOUND)


@pages.errorhandler(Exception)
def _render_failed(error: Exception) -> ResponseReturnValue:
    if isinstance(error, MurphError):
        return problem.render(error)
    log.exception("page.failed", exc_info=error)
    return _shell(FAILED, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _assets() -> Assets:
    found: Assets = current_app.extensions[_ASSETS]
    return found
