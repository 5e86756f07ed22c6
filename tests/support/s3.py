"""An S3 server (moto's) as a process of its own, and from an environment of its own.

It cannot be installed beside what Murph needs: botocore wants another python-dateutil than is pinned.
"""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from murph.gateways import storage
from tests.support.processes import ROOT, Child, free_port
from tests.support.tools import absent

BUCKET = "murph-media"
ACCOUNT = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "secret"}

INSTALL = "make .venv-moto"

_HTTP = httpx.Client(trust_env=False)


@dataclass(frozen=True)
class S3Server:
    """A running server with one bucket."""

    port: int
    child: Child

    @property
    def endpoint(self) -> str:
        """What ``AWS_ENDPOINT_URL`` takes."""
        return f"http://127.0.0.1:{self.port}"

    def settings(self, *, path: str = "") -> dict[str, Any]:
        """Return the settings that lead to its bucket, or to a prefix in it."""
        return {"STORAGE_URL": f"s3://{BUCKET}{path}", "AWS_ENDPOINT_URL": self.endpoint, **ACCOUNT}

    def storage(self, *, path: str = "") -> storage.Storage:
        """Return the real adapter, speaking to this server."""
        return storage.from_config(self.settings(path=path))

    def ask(self, method: str, path: str) -> httpx.Response:
        """Send a request past the adapter."""
        return _HTTP.request(method, f"{self.endpoint}{path}")


def require_moto() -> str:
    """Return where the program is; without it the test is skipped, or fails with ``MURPH_REQUIRE_S3=1``."""
    folders = f"{ROOT / '.venv-moto' / 'bin'}:{os.environ['PATH']}"
    return shutil.which("moto_server", path=folders) or absent("s3", install=INSTALL)


@contextmanager
def running_s3(folder: Path, *, port: int = 0) -> Iterator[S3Server]:
    """Run a server for the length of a ``with`` block."""
    port = port or free_port()
    command = [require_moto(), "-H", "127.0.0.1", "-p", str(port)]
    with Child("moto", command, log=folder / "moto.log") as child:
        child.wait_until(lambda: _answers(port))
        server = S3Server(port, child)
        assert server.ask("PUT", f"/{BUCKET}").status_code == 200
        yield server


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
