"""Frames and handshakes byte by byte, as no client library would write them."""

import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_MASK = b"\0\0\0\0"


def raw_frame(
    opcode: int,
    payload: bytes = b"",
    *,
    is_last: bool = True,
    reserved: int = 0,
    is_masked: bool = True,
    size: bytes | None = None,
) -> bytes:
    """Return one frame; `size` is written instead of the shortest true form of the length."""
    if size is None:
        size = bytes((len(payload),)) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    first = is_last << 7 | reserved << 4 | opcode
    head = bytes((first, size[0] | is_masked << 7)) + size[1:]
    return head + (_MASK if is_masked else b"") + payload


def raw_handshake(url: str, *, lines: Sequence[str] = (), without: str = "", method: str = "GET") -> bytes:
    """Return a handshake's request with more lines, or without those that begin with `without`."""
    parts = urlsplit(url)
    head = [
        f"{method} {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    kept = [line for line in head if not (without and line.startswith(without))]
    return "\r\n".join([*kept, *lines, "", ""]).encode("latin-1")


def connect(url: str, *, timeout_s: float = 10) -> socket.socket:
    """Open a bare TCP connection to the server at `url`."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=timeout_s)


def status_of(answer: bytes) -> int:
    """Return the status of a raw HTTP answer."""
    return int(answer.split(b" ", 2)[1])
