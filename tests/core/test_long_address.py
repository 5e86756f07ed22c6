"""An address that is too long is refused like everything else."""

import json
import socket

from gunicorn.http.errors import LimitRequestLine

from murph.core.web_worker import PatientWorker


def test_an_address_that_is_too_long_is_told_as_a_problem() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        PatientWorker.handle_error(
            object.__new__(PatientWorker), None, ours, None, LimitRequestLine(9000, 8190)
        )
        head, _, body = theirs.recv(4096).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 414 URI Too Long\r\n")
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["code"] == "uri_too_long"
