"""Between a model and everybody else: what it says is cut down to what cannot mislead.

Pure functions: no clock, no network, no database.
"""

from collections.abc import Sequence
from itertools import takewhile
from uuid import UUID

from murph.gateways.ai import claims, offline
from murph.gateways.ai.facts import GAP, Facts, facts_of, facts_of_one, says_more
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
    reasons = {pick.course_id: pick.reason for pick in reversed(said.picks)}  # of two the first counts
    ordered = reorder(candidates, [pick.course_id for pick in said.picks])
    return Suggestion(
        reply=_reply(said.reply, facts_of(candidates)) or offline.reply(candidates),
        picks=tuple(_pick(candidate, reasons.get(candidate.course_id, "")) for candidate in ordered),
        followups=_followups(said.followups, facts_of(candidates, said=[each.text for each in messages])),
        tokens=said.tokens,
    )


def is_ours(shown: Suggestion, candidates: Sequence[Candidate]) -> bool:
    """Tell whether every word of what is shown and the order are our own, as nothing else could be."""
    ours = tuple(Pick(each.course_id, offline.reason(each)) for each in candidates)
    return shown.picks == ours and shown.reply == offline.reply(candidates) and not shown.followups


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


def _reply(text: str, facts: Facts) -> str:
    """Return the sentences up to the first that may not be said: the next would be about it."""
    told = claims.sentences(plain(text, limit=MAX_REPLY, gap=GAP))
    return " ".join(takewhile(lambda sentence: _is_sound(sentence, facts), told))


def _followups(texts: Sequence[str], facts: Facts) -> tuple[str, ...]:
    asked = dict.fromkeys(plain(text, limit=MAX_FOLLOWUP, gap=GAP) for text in texts)
    sound = [text for text in asked if text.endswith("?") and _is_sound(text, facts, is_question=True)]
    return tuple(sound[:MAX_FOLLOWUPS])


def _pick(candidate: Candidate, said: str) -> Pick:
    reason = plain(said, limit=MAX_REASON, gap=GAP)
    is_sound = _is_sound(reason, facts_of_one(candidate))
    return Pick(candidate.course_id, reason if is_sound else offline.reason(candidate))


def _is_sound(text: str, facts: Facts, *, is_question: bool = False) -> bool:
    return not (
        claims.talks_of_money(text, ours=facts.price)
        or claims.talks_of_rating(text, ours=facts.rating)
        or claims.names_an_id(text)
        or claims.names_something_else(text, facts.words)
        or says_more(text, facts, is_question=is_question)
    )
