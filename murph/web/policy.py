"""What a page may load and do, said to the browser in headers."""

import re

from flask import Response

_NOTHING_ELSE = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
_POWERS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), fullscreen=(self), autoplay=(self)"
_ORIGIN = re.compile(r"https://[a-z0-9._-]+(:[0-9]{1,5})?")
"""What a policy can name, and a header can carry: addresses of IPv6 are not among it."""


def apply(response: Response, *, public_url: str, media_origin: str | None = None) -> Response:
    """Give a page its headers; `media_origin` is the other host whose video the page may play."""
    response.headers["Content-Security-Policy"] = content_policy(
        public_url=public_url, media_origin=media_origin
    )
    response.headers["Permissions-Policy"] = _POWERS
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-cache"
    return response


def content_policy(*, public_url: str, media_origin: str | None) -> str:
    """Return the Content-Security-Policy of a page: its own origin, and no code in the page itself."""
    socket = "ws" + public_url.removeprefix("http")
    media = " ".join(["'self'", "blob:", *([media_origin] if media_origin else [])])
    return (
        f"{_NOTHING_ELSE}; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self' {socket}; media-src {media}; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    )


def media_origin_of(asked: str | None) -> str | None:
    """Return the origin of another host's videos, or None when what was asked for is no https origin."""
    return asked if asked and _ORIGIN.fullmatch(asked) else None
