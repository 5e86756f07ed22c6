"""gunicorn's answer to an address that is too long, in the form of all our other refusals."""

import json
from contextlib import suppress
from typing import Any

from gunicorn import util
from gunicorn.http.errors import LimitRequestLine

_BODY = json.dumps(
    {
        "type": "urn:murph:problem:uri_too_long",
        "title": "URI Too Long",
        "status": 414,
        "detail": "The address is too long. Ask for less in it, such as with a shorter search.",
        "code": "uri_too_long",
    }
)
_ANSWER = (
    "HTTP/1.1 414 URI Too Long\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
    f"Content-Length: {len(_BODY)}\r\n\r\n{_BODY}"
).encode()


class LongAddresses:
    """What a worker of gunicorn's is mixed with; the application never hears of such a request."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what could not be read; gunicorn's own but for one reason."""
        if isinstance(exc, LimitRequestLine):
            with suppress(OSError):
                util.write_nonblock(client, _ANSWER)
        else:
            super().handle_error(req, client, addr, exc)  # type: ignore[misc]
