"""The least that a WSGI application can do for files: send one, or write what comes to disk.

It is served by the same gunicorn, with the same worker, as what it is compared with.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

CHUNK_BYTES = 128 * 1024


class Bare:
    """The files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.extensions: dict[str, Any] = {}
        """gunicorn.conf.py asks for Murph's."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if environ["REQUEST_METHOD"] == "POST":
            self._write(environ["wsgi.input"])
        elif environ["PATH_INFO"] != "/healthz":
            return self._send(environ, start_response)
        start_response("200 OK", [("Content-Length", "0")])
        return []

    def _send(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        file = (self._folder / Path(environ["PATH_INFO"]).name).open("rb")
        size_bytes = os.fstat(file.fileno()).st_size
        start_response("200 OK", [("Content-Type", "video/mp2t"), ("Content-Length", str(size_bytes))])
        sent: Iterable[bytes] = environ["wsgi.file_wrapper"](file)
        return sent

    def _write(self, stream: Any) -> None:
        with (self._folder / "received").open("wb") as file:
            while chunk := stream.read(CHUNK_BYTES):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())


app = Bare(Path(os.environ["INSTANCE_PATH"]) / "bare")
