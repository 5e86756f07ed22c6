"""Between a model and everybody else: what it says is cut down to what cannot mislead.

Pure functions: no clock, no network, no database.
"""

from collections.abc import Sequence
from uuid import UUID

from murph.gateways.ai import claims, offline
from murph.gateways.ai.orders import reads_like_orders
from murph.gateways.ai.port import Candidate, Message, Pick, Suggestion
from murph.gateways.ai.text import plain

MAX_MOVE = 5
"""By how many places a model may move a course, up or down."""
MAX_REPLY = 600
MAX_REASON = 200
MAX_FOLLOWUP = 120
MAX_FOLLOWUPS = 3


def guarded(said: Suggestion, messages: Sequence[Message], candidates: Sequence[Candidate]) -> Suggestion:
    """Return what may be shown of `said`: all candidates in their final order, each with a reason.

    Whatever the model left out or may not say, our own words stand in for. Its words are text: whoever puts
    them on a page escapes them.
    """
    known = _known(messages, candidates)
    reasons = {pick.course_id: pick.reason for pick in reversed(said.picks)}  # of two the first counts
    ordered = reorder(candidates, [pick.course_id for pick in said.picks])
    return Suggestion(
        reply=_reply(said.reply, known) or offline.reply(candidates),
        picks=tuple(_pick(candidate, reasons.get(candidate.course_id, ""), known) for candidate in ordered),
        followups=_followups(said.followups, known),
        tokens=said.tokens,
    )


def reorder(candidates: Sequence[Candidate], wanted: Sequence[UUID]) -> list[Candidate]:
    """Return the candidates as near to the order of `wanted` as MAX_MOVE places allow.

    A course whose text reads like orders is never moved up.
    """
    place = {candidate.course_id: number for number, candidate in enumerate(candidates)}
    known = [place[course_id] for course_id in dict.fromkeys(wanted) if course_id in place]
    waiting = list(dict.fromkeys([*known, *place.values()]))
    earliest = [
        number if _gives_orders(each) else number - MAX_MOVE for number, each in enumerate(candidates)
    ]
    ordered: list[Candidate] = []
    for here in range(len(candidates)):
        # Every place has exactly one course that may not be later; if that is still waiting, it is its turn.
        overdue = here - MAX_MOVE
        chosen = overdue if overdue in waiting else next(n for n in waiting if earliest[n] <= here)
        waiting.remove(chosen)
        ordered.append(candidates[chosen])
    return ordered


def _gives_orders(candidate: Candidate) -> bool:
    return reads_like_orders(" . ".join((candidate.title, candidate.description, *candidate.tags)))


def _known(messages: Sequence[Message], candidates: Sequence[Candidate]) -> frozenset[str]:
    said = [message.text for message in messages]
    ours = [
        text
        for candidate in candidates
        for text in (candidate.title, candidate.description, candidate.category, *candidate.tags)
    ]
    return claims.words_of([*said, *ours])


def _reply(text: str, known: frozenset[str]) -> str:
    told = claims.sentences(plain(text, limit=MAX_REPLY))
    return " ".join(sentence for sentence in told if _is_harmless(sentence, known))


def _followups(texts: Sequence[str], known: frozenset[str]) -> tuple[str, ...]:
    asked = dict.fromkeys(plain(text, limit=MAX_FOLLOWUP) for text in texts)
    return tuple(text for text in asked if text and _is_harmless(text, known))[:MAX_FOLLOWUPS]


def _is_harmless(text: str, known: frozenset[str]) -> bool:
    return not (
        claims.talks_of_money(text)
        or claims.talks_of_rating(text)
        or claims.names_an_id(text)
        or claims.names_something_else(text, known)
    )


def _pick(candidate: Candidate, said: str, known: frozenset[str]) -> Pick:
    reason = plain(said, limit=MAX_REASON)
    is_sound = not (
        claims.talks_of_money(reason, ours=candidate.price)
        or claims.talks_of_rating(reason, ours=candidate.rating)
        or claims.names_an_id(reason)
        or claims.names_something_else(reason, known)
    )
    return Pick(candidate.course_id, reason if reason and is_sound else offline.reason(candidate))
