"""Identifiers: time-ordered UUIDs, so that new rows land at the end of an index."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a fresh UUIDv7 (RFC 9562, section 5.7)."""
    return UUID(bytes=uuid7().bytes)


def parse_id(text: str) -> UUID | None:
    """Return the UUID written in `text`, or None when it is not one in canonical form."""
    try:
        parsed = UUID(text)
    except ValueError:
        return None
    return parsed if str(parsed) == text.lower() else None
