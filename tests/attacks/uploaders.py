"""A house whose web process takes uploads, and those who send them byte by byte or at full speed."""

import json
import os
import socket
import time
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.attacks.frames import connect, status_of
from tests.support.forms import CONTENT_TYPE, END, TITLE, head
from tests.support.house import House
from tests.support.people import Teacher

PIECE = os.urandom(2**20)
PAUSE_S = 1
LIMIT_BYTES = 160 * 2**20
BEFORE, AFTER = TITLE + head("file", "lecture.mp4"), b"\r\n" + END


class UploadingHouse(House):
    """Murph with views that take files, and little patience."""

    SERVES = ("tests.support.uploading:serve()",)

    @cached_property
    def teacher(self) -> Teacher:
        """Somebody who may upload."""
        return Teacher(self.url)

    @cached_property
    def others(self) -> list[Teacher]:
        """More of them."""
        return [Teacher(self.url) for _ in range(2)]

    @property
    def spooled(self) -> list[Path]:
        """The files that are arriving."""
        folder = Path(self.env["INSTANCE_PATH"]) / "spool"
        return list(folder.iterdir()) if folder.exists() else []

    def knock(self, path: str = f"/api/v1/test/uploads/{uuid4()}", **headers: str) -> "Sender":
        """Begin a request by its head."""
        return Sender(self.url, path, {"Authorization": f"Bearer {self.teacher.token}", **headers})

    def upload(self, size_bytes: int, **headers: str) -> "Sender":
        """Begin an upload of a file of so many bytes."""
        length = len(BEFORE) + size_bytes + len(AFTER)
        sender = self.knock(**{"Content-Length": str(length), **headers})
        sender.send(BEFORE)
        return sender


class Sender:
    """One request that is being sent."""

    def __init__(self, url: str, path: str, headers: dict[str, str]) -> None:
        self.socket = connect(url, timeout_s=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent = {"Host": "murph", "Content-Type": CONTENT_TYPE, "Connection": "close", **headers}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        self.asked_s = time.monotonic()
        self._hash = sha256()
        self.send("\r\n".join(lines).encode())

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def send_content(self, size_bytes: int) -> None:
        """Send so much of the file at full speed."""
        for start in range(0, size_bytes, len(PIECE)):
            piece = PIECE[: size_bytes - start]
            self._hash.update(piece)
            self.send(piece)

    def finish(self) -> None:
        """Send the end of the form."""
        self.send(AFTER)

    @property
    def sha256(self) -> str:
        """The digest of what was sent of the file."""
        return self._hash.hexdigest()

    def answer(self) -> tuple[int, dict[str, Any]]:
        """Return the status and the body that came back."""
        heard = b""
        while chunk := self._heard():
            heard += chunk
        self.socket.close()
        self.answered_s = time.monotonic() - self.asked_s
        return status_of(heard), json.loads(heard.partition(b"\r\n\r\n")[2])

    def _heard(self) -> bytes:
        try:
            return self.socket.recv(65_536)
        except ConnectionResetError:
            return b""

    def hang_up(self) -> None:
        """Go, in the middle of it."""
        self.socket.close()


def is_held(house: House, peer: socket.socket) -> bool:
    """Tell whether a process of the server's has the other end of this connection."""
    ends = [f"0100007F:{port:04X}" for port in (house.port, peer.getsockname()[1])]
    connections = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(each[1:3] == ends and each[9] != "0" for each in connections)
