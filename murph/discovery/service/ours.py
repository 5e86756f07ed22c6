"""What we say to a message ourselves: understand it, find courses, and put into words what was found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from murph.discovery import wishes
from murph.discovery.live import LiveIndex
from murph.discovery.service import candidates, sayings
from murph.discovery.service.search import Found, Taste, look, search
from murph.discovery.understanding.cues import BEST_RATED, CHEAPEST, LONGEST, SHORTEST
from murph.discovery.understanding.merge import Shown, Sought, merge
from murph.discovery.understanding.message import Understood, understand
from murph.gateways.ai.offline import Offline
from murph.gateways.ai.port import MAX_CANDIDATES, Message, Role, Suggestion

_ORDERS: dict[str, Callable[[Found], tuple[float, float]]] = {
    CHEAPEST: lambda found: (found.course.price_per_minute_minor or 0, found.course.total_duration_ms),
    SHORTEST: lambda found: (found.course.total_duration_ms, 0),
    LONGEST: lambda found: (-found.course.total_duration_ms, 0),
    BEST_RATED: lambda found: (found.course.rating is None, -found.course.rating_rank),
}


@dataclass(frozen=True)
class Before:
    """Where a conversation has got to: what it seeks, and its last turn."""

    number: int = 0
    sought: Sought = field(default_factory=Sought)
    shown: Sequence[Shown] = ()


@dataclass(frozen=True)
class Own:
    """What we say to a message, with the courses as they are kept.

    It `is_final` where there is nothing to add: no course, or an order that was asked for.
    """

    message: str
    understood: Understood
    sought: Sought
    offers: list[dict[str, Any]]
    said: Suggestion

    @property
    def is_final(self) -> bool:
        """Return whether a provider could only make it worse."""
        return not self.offers or self.sought.order is not None


def answer(
    before: Before, message: str, *, taste: Taste, index: LiveIndex, currency: str, at: datetime
) -> Own:
    """Return what we say to a message of a conversation."""
    with index.up_to_date() as live:
        understood = understand(message, names=live.index, currency=currency)
        categories = live.categories()
    sought = merge(before.sought, understood, before.shown)
    results = search(
        index=index,
        query=sought.subject,
        wanted=wishes.wanted(sought, categories),
        taste=taste,
        limit=MAX_CANDIDATES,
        at=at,
    )
    if not (results.found and results.is_confident):
        return Own(message, understood, sought, [], _nothing(sought, categories, index, currency))
    offers = candidates.first(candidates.offered(_in_order(results.found, sought)), sought.picked)
    kept = [one.kept for one in offers]  # before the rows are given back, each of which would be read again
    told = [one.candidate for one in offers]
    said = Offline().suggest([Message(Role.STUDENT, message)], told)
    if str(told[0].course_id) == sought.picked:
        said = replace(said, reply=sayings.about(told[0]))
    elif sought.order:
        said = replace(said, reply=sayings.first_of(told[0], sought.order))
    return Own(message, understood, sought, kept, said)


def _in_order(found: Sequence[Found], sought: Sought) -> list[Found]:
    """Return what was found in the order that was asked for; what only comes near stands behind."""
    if sought.order is None:
        return list(found)
    key = _ORDERS[sought.order]
    return sorted(found, key=lambda one: (not (one.is_answer or sought.among), *key(one)))


def _nothing(sought: Sought, categories: Sequence[str], index: LiveIndex, currency: str) -> Suggestion:
    """Say that nothing fits, and which wish is in the way of what there is."""
    wished = wishes.wished(sought)
    without = look(index, sought.subject, wishes.wanted(wishes.without(sought, wished), categories))
    if not (without.is_confident and wished):
        return sayings.nothing(sought.subject, without.nearest, without.meant)
    in_the_way = [
        wish
        for wish in wished
        if look(index, sought.subject, wishes.wanted(wishes.without(sought, [wish]), categories)).is_confident
    ]
    named = in_the_way or wished
    described = [wishes.described(sought, wish, currency=currency) for wish in named]
    return sayings.none_like_that(sought.subject, described, without.nearest, wishes.forgettable(named))
