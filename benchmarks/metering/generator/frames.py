"""The few frames of RFC 6455 that a player needs."""

TEXT, CLOSE, PING = 0x81, 0x88, 0x89
# A key of zeros leaves the payload as it is; the server takes the mask off all the same.
_MASK_KEY = b"\0\0\0\0"
PONG = b"\x8a\x80" + _MASK_KEY
GOODBYE = b"\x88\x82" + _MASK_KEY + (1000).to_bytes(2, "big")


def text_frame(payload: bytes) -> bytes:
    """Return a masked text frame."""
    size = len(payload)
    head = bytes((TEXT, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + _MASK_KEY + payload


def read_frame(data: bytes, at: int) -> tuple[int, bytes, int] | None:
    """Return (first byte, payload, end) of the frame at `at`, or None while it is not whole."""
    if len(data) < at + 2:
        return None
    size, begin = data[at + 1], at + 2
    if size == 126:
        size, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
    end = begin + size
    return (data[at], data[begin:end], end) if len(data) >= end else None
