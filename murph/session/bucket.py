"""A token bucket: how often one socket may speak."""


class TokenBucket:
    """Lets through `per_second` messages on average and `burst` at once."""

    def __init__(self, *, per_second: int, burst: int, now_ms: int) -> None:
        self._per_second = per_second
        self._most = burst * 1000
        self._level = self._most  # in thousandths of a message, so that milliseconds divide evenly
        self._filled_ms = now_ms

    def take(self, now_ms: int) -> bool:
        """Take one message's worth; return False when there is none left."""
        self._level = min(self._most, self._level + (now_ms - self._filled_ms) * self._per_second)
        self._filled_ms = now_ms
        if self._level < 1000:
            return False
        self._level -= 1000
        return True
