"""What we say when no course answers."""

from collections.abc import Sequence
from dataclasses import replace

from murph.discovery.engine.index import Part
from murph.gateways.ai.offline import MAX_TITLE, reason
from murph.gateways.ai.port import Candidate, Suggestion
from murph.gateways.ai.text import plain

MAX_TOPIC = 80


def nothing(subject: Sequence[Part], nearest: Sequence[str], meant: str | None = None) -> Suggestion:
    """Return that nothing was found, or that nothing was asked for, and where to look instead.

    `meant` is what may have been mistyped, as it would be right.
    """
    shelves = f" There are courses in {_listed(nearest)}." if nearest else ""
    guess = f" Did you mean {meant[:MAX_TOPIC]}?" if subject and meant else ""
    if subject:
        topic = " ".join(part.text for part in subject)[:MAX_TOPIC]
        reply = f"No course here answers {topic!r} with what you wish for besides.{guess}{shelves}"
    else:
        reply = f"What would you like to learn?{shelves}"
    asking = [f"What is there in {name}?" for name in nearest]
    return Suggestion(
        reply=reply, picks=(), followups=tuple([meant[:MAX_TOPIC], *asking] if guess and meant else asking)
    )


def about(picked: Candidate) -> str:
    """Return what we know of a course that somebody picked from what was shown."""
    return f"{plain(picked.title, limit=MAX_TITLE)}: {reason(replace(picked, matched=()))}"


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
