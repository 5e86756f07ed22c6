"""Forms as bytes, right and wrong ones."""

BOUNDARY = "----murph-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
END = f"--{BOUNDARY}--\r\n".encode()


def head(name: str | None, filename: str | None = None) -> bytes:
    """Return what stands before the content of a part."""
    named = "" if name is None else f'; name="{name}"'
    called = "" if filename is None else f'; filename="{filename}"'
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data{named}{called}\r\n\r\n".encode()


def part(name: str | None, content: bytes, filename: str | None = None) -> bytes:
    """Return one part."""
    return head(name, filename) + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    """Return a whole form."""
    return b"".join(parts) + END


TITLE = part("title", b"Interest")
