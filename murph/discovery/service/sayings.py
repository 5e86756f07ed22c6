"""What we say ourselves where a provider has nothing to add."""

from collections.abc import Sequence
from dataclasses import replace

from murph.discovery.engine.index import Part
from murph.discovery.understanding.cues import BEST_RATED, CHEAPEST, LONGEST, SHORTEST
from murph.gateways.ai.offline import MAX_TITLE, reason
from murph.gateways.ai.port import Candidate, Suggestion
from murph.gateways.ai.text import plain

MAX_TOPIC = 80
_ORDERS = {CHEAPEST: "cheapest", SHORTEST: "shortest", LONGEST: "longest", BEST_RATED: "best rated"}


def nothing(subject: Sequence[Part], nearest: Sequence[str], meant: str | None = None) -> Suggestion:
    """Return that nothing was found, or that nothing was asked for, and where to look instead.

    `meant` is what may have been mistyped, as it would be right.
    """
    if not subject:
        return _pointing("What would you like to learn?", [], "There are courses in", nearest)
    guess = meant[:MAX_TOPIC] if meant else None
    question = f" Did you mean {guess}?" if guess else ""
    reply = f"No course here answers {_topic(subject)!r}.{question}"
    return _pointing(reply, [guess] if guess else [], "Nearest to it are", nearest)


def none_like_that(
    subject: Sequence[Part], wishes: Sequence[str], nearest: Sequence[str], ways_on: Sequence[str]
) -> Suggestion:
    """Return that there are courses, but none as is wished, and what to say to get on."""
    reply = f"There are courses on {_topic(subject)!r}, but none {' and '.join(wishes)}."
    return _pointing(reply, ways_on, "Nearest to it are", nearest)


def _topic(subject: Sequence[Part]) -> str:
    return " ".join(part.text for part in subject)[:MAX_TOPIC]


def _pointing(reply: str, ways_on: Sequence[str], where: str, nearest: Sequence[str]) -> Suggestion:
    shelves = f" {where} {_listed(nearest)}." if nearest else ""
    asking = [f"What is there in {name}?" for name in nearest]
    return Suggestion(reply=reply + shelves, picks=(), followups=(*ways_on, *asking))


def first_of(first: Candidate, order: str) -> str:
    """Return which course comes first in an order."""
    rated = f"rated {first.rating:.1f} of 5" if first.rating is not None else "not rated yet"
    figure = {CHEAPEST: first.price, BEST_RATED: rated}.get(order, f"{first.minutes} minutes")
    return f"The {_ORDERS[order]} is {plain(first.title, limit=MAX_TITLE)}: {figure}."


def about(picked: Candidate) -> str:
    """Return what we know of a course that somebody picked from what was shown."""
    return f"{plain(picked.title, limit=MAX_TITLE)}: {reason(replace(picked, matched=()))}"


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
