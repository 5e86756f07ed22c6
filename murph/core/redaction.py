"""What must not be read in a log, whoever writes it there: secrets, tokens, passwords, e-mail addresses.

Three nets: the names under which something is logged, the shapes that such things have inside any text,
tracebacks included, and the values that are this deployment's own secrets.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

REDACTED = "[redacted]"
MAX_DEPTH = 12
MIN_SECRET_LENGTH = 8
"""Whoever sets a shorter one has no secret, and would blacken every other word."""

_NAMES = re.compile(
    r"passw|token|authorization|cookie|secret|signature|credential|e_?mail|(^|_)(api|access|private|media)?_?key$"
    r"|^dsn$",
    re.IGNORECASE,
)
_NAMED = (
    r"(?:pass(?:word|wd)?|[a-z_]{0,20}token|[a-z_]{0,20}secret|[a-z-]{0,20}signature|cookie"
    r"|(?:(?:api|access|private)[_-]?)?key)[\"']?\s?[=:]\s?"
)
_SHAPES = re.compile(
    "|".join(
        (
            r"(?P<scheme>\b(?:Bearer|Basic)\s+)[^\s\"',;]+",
            r"(?P<place>/media/|/pay/sandbox/)[^/\s\"'?]{16,}",
            r"(?P<user>://)[^/\s@\"']+(?=@)",
            rf"(?P<quoted>\b{_NAMED}[\"'])[^\"']+",
            rf"(?P<bare>\b{_NAMED})(?!Bearer|Basic)[^\s\"'&;}}]{{6,}}",
            r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?",
            r"\bsk_(?:live|test|hackathon)_\S+|\b(?:sk-|gsk_)[\w-]{8,}|\bAIza[\w-]{20,}|\bAKIA[0-9A-Z]{12,}",
            r"[\w.+%-]{1,64}@[\w-]{1,63}\.[\w.-]{2,}",
        )
    ),
    re.IGNORECASE,
)
_HINTS = re.compile(
    r"eyj|sk[_-]|aiza|akia|/media/|/pay/|bearer|basic|://|@|key|token|secret|pass|signature|cookie"
)
"""Without one of these no shape fits, and nearly all text has none."""
_OURS = {"timestamp", "level", "logger"}

_own: re.Pattern[str] | None = None


def know(secrets: Iterable[str]) -> None:
    """Redact these values wherever they turn up."""
    global _own
    worth = {secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH}
    longest_first = sorted(worth, key=len, reverse=True)
    _own = re.compile("|".join(map(re.escape, longest_first))) if worth else None


def redacted(text: str) -> str:
    """Return a text without what must not be read."""
    if _own is not None:
        text = _own.sub(REDACTED, text)
    if not _HINTS.search(text.lower()):
        return text
    return _SHAPES.sub(lambda found: (found[found.lastgroup] if found.lastgroup else "") + REDACTED, text)


def redact(value: Any, *, depth: int = 0) -> Any:
    """Return a value that may be logged: the same, with what must not be read replaced in it."""
    if isinstance(value, str):
        return redacted(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth < MAX_DEPTH and isinstance(value, Mapping):
        return {name: _under(str(name), each, depth + 1) for name, each in value.items()}
    if depth < MAX_DEPTH and isinstance(value, list | tuple | set | frozenset):
        return [redact(each, depth=depth + 1) for each in value]
    return redacted(repr(value))


@lru_cache(maxsize=512)
def _is_secret(name: str) -> bool:
    return bool(_NAMES.search(name))


def _under(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return REDACTED if _is_secret(name) else redact(value, depth=depth)


def processor(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Redact one record of structlog's."""
    return {name: value if name in _OURS else _under(name, value, 0) for name, value in event.items()}
