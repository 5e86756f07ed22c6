"""Sign-ins of pages in a browser: the refresh token in a cookie that no script can read.

A page asks for it with the header ``X-Murph-Client: browser``. Pages of other sites cannot send that header
without a preflight, which only listed origins pass, and the cookie goes with requests of our own pages only.
Without the header no cookie is looked at or set, and everything is as other clients know it.
"""

from typing import Any

from flask import Response, after_this_request, current_app, request

from murph.auth.service import REFRESH_LIFETIME
from murph.core.errors import Forbidden, Unauthenticated, Unprocessable, invalid_field

CLIENT_HEADER = "X-Murph-Client"
BROWSER = "browser"
COOKIE = "murph_refresh"
COOKIE_PATH = "/api/v1/auth"

DOCUMENTED: dict[str, Any] = {
    "in": "header",
    "name": CLIENT_HEADER,
    "required": False,
    "description": f"`{BROWSER}`, from a page of this server's own origin: the refresh token is kept in the "
    f"cookie `{COOKIE}`, which scripts cannot read, and not told in the body.",
    "schema": {"type": "string", "enum": [BROWSER], "example": BROWSER},
}


class ForeignPage(Forbidden):
    """A page of another site asks for a sign-in in a cookie."""

    code = "origin_not_allowed"
    detail = (
        f"Only pages of this server's own origin sign in with '{CLIENT_HEADER}: {BROWSER}'. "
        "Leave the header out, and keep the refresh token yourself."
    )


REFUSALS = (ForeignPage, Unprocessable)
"""What asking for a sign-in in a cookie may be answered with."""


def is_asked_for() -> bool:
    """Tell whether this request comes from a page that wants its refresh token in a cookie.

    Raises:
        ForeignPage: it comes from a page of another origin.
        Unprocessable: the header says something else.
    """
    client = request.headers.get(CLIENT_HEADER)
    if client is None:
        return False
    if client != BROWSER:
        raise invalid_field(CLIENT_HEADER, f"Send '{BROWSER}' from a page of this server, or leave it out.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != current_app.config["PUBLIC_URL"]:
        raise ForeignPage
    return True


def sent_token() -> str:
    """Return the refresh token of the page's cookie.

    Raises:
        Unauthenticated: there is none.
    """
    token = request.cookies.get(COOKIE)
    if not token:
        raise Unauthenticated("Nobody is signed in here. Sign in.")
    return token


def keep(pair: dict[str, Any]) -> dict[str, Any]:
    """Put the refresh token of a fresh pair into the cookie, and return what is left for the body."""
    _set_cookie(pair["refresh_token"], int(REFRESH_LIFETIME.total_seconds()))
    return {name: value for name, value in pair.items() if name != "refresh_token"}


def forget() -> None:
    """Take the cookie away."""
    _set_cookie("", 0)


def _set_cookie(value: str, max_age_s: int) -> None:
    is_secure = current_app.config["PUBLIC_URL"].startswith("https://")

    @after_this_request
    def add(response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            value,
            max_age=max_age_s,
            path=COOKIE_PATH,
            secure=is_secure,
            httponly=True,
            samesite="Strict",
        )
        return response
