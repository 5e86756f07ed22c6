"""What we say when no course answers."""

from collections.abc import Sequence

from murph.discovery.engine.index import Part
from murph.gateways.ai.port import Suggestion


def nothing(subject: Sequence[Part], nearest: Sequence[str]) -> Suggestion:
    """Return that nothing was found, or that nothing was asked for, and where to look instead."""
    shelves = f" There are courses in {_listed(nearest)}." if nearest else ""
    if subject:
        topic = " ".join(part.text for part in subject)[:80]
        reply = f"No course here answers {topic!r} with what you wish for besides.{shelves}"
    else:
        reply = f"What would you like to learn?{shelves}"
    return Suggestion(reply=reply, picks=(), followups=tuple(f"What is there in {name}?" for name in nearest))


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
