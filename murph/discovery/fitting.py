"""What a course has to be like, and whether it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from murph.discovery.engine.documents import Document, is_named_after
from murph.metering.cost import cost_minor

MINUTE_MS = 60_000


@dataclass(frozen=True)
class Facts:
    """What is known of a course; the price is in minor units per minute."""

    teacher_id: str
    category: str
    level: str | None
    language: str | None
    price_minor: int
    duration_ms: int


@dataclass(frozen=True)
class Wanted:
    """What courses have to be like; one of the levels will do, one of the languages too, of any region.

    Prices are in minor units per minute, a budget is for all of a course, or for `minutes` of it; without a
    budget no course may be longer than those.

    Unless it is strict, a course passes where it says nothing, and stands behind those that say it.
    """

    category: str | None = None
    teacher_id: UUID | None = None
    levels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    min_price_minor: int | None = None
    max_price_minor: int | None = None
    min_budget_minor: int | None = None
    budget_minor: int | None = None
    min_minutes: int | None = None
    minutes: int | None = None
    excluded: tuple[str, ...] = ()
    excluded_teachers: tuple[str, ...] = ()
    excluded_keys: tuple[str, ...] = ()
    only_keys: tuple[str, ...] = ()
    is_strict: bool = True

    def cost_minor(self, facts: Facts) -> int:
        """Return what the course costs at normal speed, as far as there is time for it."""
        time_ms = facts.duration_ms
        if self.minutes is not None:
            time_ms = min(time_ms, self.minutes * MINUTE_MS)
        return cost_minor(used_ms=time_ms, price_per_minute_minor=facts.price_minor)


@dataclass(frozen=True)
class Fitting:
    """Decides which documents are what is wanted."""

    facts: Mapping[str, Facts]
    wanted: Wanted

    def __call__(self, document: Document) -> bool:
        """Tell whether a course is what is wanted, as far as is known."""
        facts, wanted = self.facts[document.key], self.wanted
        if facts.teacher_id in wanted.excluded_teachers or document.key in wanted.excluded_keys:
            return False
        if wanted.only_keys and document.key not in wanted.only_keys:
            return False
        is_like_that = all(said is None or _is_one_of(asked, said) for asked, said in self._asked(facts))
        return is_like_that and self._is_affordable(facts) and not is_named_after(document, wanted.excluded)

    def unsaid(self, key: str) -> int:
        """Return on how many of the wishes a course says nothing."""
        return sum(said is None for _, said in self._asked(self.facts[key]))

    def _asked(self, facts: Facts) -> list[tuple[tuple[str, ...], str | None]]:
        """Return what is wished, in any of the ways that will do, and what the course says to it."""
        wanted = self.wanted
        unsaid = "" if wanted.is_strict else None
        language = main_language(facts.language) if facts.language else unsaid
        said = (facts.category, facts.teacher_id, facts.level or unsaid, language)
        languages = tuple(map(main_language, wanted.languages))
        asked = (_one(wanted.category), _one(wanted.teacher_id), wanted.levels, languages)
        return [(wish, fact) for wish, fact in zip(asked, said, strict=True) if wish]

    def _is_affordable(self, facts: Facts) -> bool:
        wanted = self.wanted
        most_ms = None if wanted.minutes is None else wanted.minutes * MINUTE_MS
        return (
            _is_within(facts.price_minor, wanted.min_price_minor, wanted.max_price_minor)
            and _is_within(wanted.cost_minor(facts), wanted.min_budget_minor, wanted.budget_minor)
            and _is_within(facts.duration_ms, (wanted.min_minutes or 0) * MINUTE_MS, None)
            and (wanted.budget_minor is not None or _is_within(facts.duration_ms, None, most_ms))
        )


def main_language(tag: str) -> str:
    """Return what a language tag says first: "en" of "en-GB"."""
    return tag.lower().partition("-")[0]


def _is_within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _one(wish: object | None) -> tuple[str, ...]:
    return () if wish is None else (str(wish),)


def _is_one_of(asked: Collection[str], said: str) -> bool:
    return any(wish.lower() == said.lower() for wish in asked)
