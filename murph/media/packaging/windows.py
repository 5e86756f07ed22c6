"""Windows: three consecutive segments that share a key, and so are paid for together."""

SEGMENTS_PER_WINDOW = 3


def window_of(segment_number: int) -> int:
    """Return the number of the window that a segment belongs to."""
    return segment_number // SEGMENTS_PER_WINDOW
