"""What a conversation seeks, as it is kept between its turns, told to people, and looked for."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from murph.core import money
from murph.discovery.engine.index import Part
from murph.discovery.engine.text import words
from murph.discovery.fitting import Wanted
from murph.discovery.understanding.merge import Sought
from murph.discovery.understanding.slots import Slots


def kept(sought: Sought) -> dict[str, Any]:
    """Return it as it is stored."""
    return asdict(sought)


def recalled(stored: Mapping[str, Any]) -> Sought:
    """Return what was stored."""
    return Sought(
        subject=tuple(Part(**part) for part in stored["subject"]),
        said=_slots(stored["said"]),
        compared=_slots(stored["compared"]),
        refused_keys=tuple(stored["refused_keys"]),
        refused_teachers=tuple(stored["refused_teachers"]),
        picked=stored["picked"],
        level_steps=stored["level_steps"],
    )


def _slots(stored: Mapping[str, Any]) -> Slots:
    return Slots(**{**stored, "excluded": tuple(stored["excluded"])})


def wanted(sought: Sought, categories: Iterable[str] = ()) -> Wanted:
    """Return what courses have to be like; a topic that is the name of a category asks for its courses."""
    slots = sought.slots
    topic = " ".join(words(" ".join(part.text for part in sought.subject)))
    return Wanted(
        category=next((name for name in categories if " ".join(words(name)) == topic), None),
        levels=sought.levels,
        language=slots.language,
        max_price_minor=slots.price_minor,
        budget_minor=slots.budget_minor,
        minutes=slots.minutes,
        excluded=slots.excluded,
        excluded_teachers=sought.refused_teachers,
        excluded_keys=sought.refused_keys,
        is_strict=False,
    )


def told(sought: Sought, *, currency: str) -> dict[str, Any]:
    """Return what was understood, as an answer tells it."""
    slots = sought.slots

    def amount(minor: int | None) -> str | None:
        return None if minor is None else money.to_text(minor, currency)

    return {
        "topic": " ".join(part.text for part in sought.subject) or None,
        "level": slots.level,
        "language": slots.language,
        "max_price_per_minute": amount(slots.price_minor),
        "budget": amount(slots.budget_minor),
        "minutes": slots.minutes,
        "excluded": list(slots.excluded),
    }
