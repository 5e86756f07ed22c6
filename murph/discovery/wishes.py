"""What a conversation seeks, as it is kept between its turns, told to people, and looked for."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from murph.core import money
from murph.discovery.engine.index import Part
from murph.discovery.engine.text import words
from murph.discovery.fitting import Wanted
from murph.discovery.understanding.lexicon import LANGUAGE_NAMES
from murph.discovery.understanding.merge import Sought
from murph.discovery.understanding.slots import Slots

_WISHES = {
    "price": ("price_minor", "min_price_minor"),
    "budget": ("budget_minor", "min_budget_minor"),
    "length": ("minutes", "min_minutes"),
    "level": ("levels",),
    "language": ("languages",),
    "excluded": ("excluded",),
}
"""What can be in the way of an answer, and the slots it stands in."""
_REFUSED = "refused"
_FORGOTTEN = {
    "price": "price",
    "budget": "price",
    "length": "length",
    "level": "level",
    "language": "language",
    "excluded": "exclusions",
}


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
        order=stored.get("order"),
    )


def _slots(stored: Mapping[str, Any]) -> Slots:
    """Return slots that were stored, as far as there still are such."""
    names = {field.name for field in fields(Slots)}
    known: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in stored.items()
        if name in names
    }
    return Slots(**known)


def wanted(sought: Sought, categories: Iterable[str] = ()) -> Wanted:
    """Return what courses have to be like; a topic that is the name of a category asks for its courses."""
    slots = sought.slots
    topic = " ".join(words(" ".join(part.text for part in sought.subject)))
    return Wanted(
        category=next((name for name in categories if " ".join(words(name)) == topic), None),
        levels=slots.levels,
        languages=slots.languages,
        min_price_minor=slots.min_price_minor,
        max_price_minor=slots.price_minor,
        min_budget_minor=slots.min_budget_minor,
        budget_minor=slots.budget_minor,
        min_minutes=slots.min_minutes,
        minutes=slots.minutes,
        excluded=slots.excluded,
        excluded_teachers=sought.refused_teachers,
        excluded_keys=sought.refused_keys,
        only_keys=sought.among,
        is_strict=False,
    )


def told(sought: Sought, *, currency: str, foreign: Collection[str] = ()) -> dict[str, Any]:
    """Return what was understood, as an answer tells it, and a note where an amount was not taken for one."""
    slots = sought.slots

    def amount(minor: int | None) -> str | None:
        return None if minor is None else money.to_text(minor, currency)

    return {
        "topic": " ".join(part.text for part in sought.subject) or None,
        "level": " or ".join(slots.levels) or None,
        "language": " or ".join(slots.languages) or None,
        "max_price_per_minute": amount(slots.price_minor),
        "min_price_per_minute": amount(slots.min_price_minor),
        "budget": amount(slots.budget_minor),
        "min_budget": amount(slots.min_budget_minor),
        "minutes": slots.minutes,
        "min_minutes": slots.min_minutes,
        "order": sought.order,
        "excluded": list(slots.excluded),
        "note": f"Prices here are in {currency}, so {' and '.join(foreign)} is no limit."
        if foreign
        else None,
    }


def wished(sought: Sought) -> list[str]:
    """Return the names of the wishes that there are, beside the topic."""
    named = set(sought.slots.named())
    found = [wish for wish, slots in _WISHES.items() if named.intersection(slots)]
    is_refused = sought.refused_keys or sought.refused_teachers or sought.among
    return [*found, _REFUSED] if is_refused else found


def without(sought: Sought, wished: Collection[str]) -> Sought:
    """Return what is sought without these of its wishes."""
    left = sought.forgetting([slot for wish in wished for slot in _WISHES.get(wish, ())])
    return replace(left, refused_keys=(), refused_teachers=(), among=()) if _REFUSED in wished else left


def described(sought: Sought, wish: str, *, currency: str) -> str:
    """Return a wish as it follows "none"."""
    slots = sought.slots

    def amount(minor: int | None) -> str | None:
        return None if minor is None else f"{money.to_text(minor, currency)} {currency}"

    match wish:
        case "price":
            return f"for {_bounds(amount(slots.min_price_minor), amount(slots.price_minor))} per minute"
        case "budget":
            return f"for {_bounds(amount(slots.min_budget_minor), amount(slots.budget_minor))}"
        case "length":
            return f"of {_bounds(slots.min_minutes, slots.minutes)} minutes"
        case "level":
            return f"of the level {' or '.join(slots.levels)}"
        case "language":
            return f"in {' or '.join(LANGUAGE_NAMES[code] for code in slots.languages)}"
        case "excluded":
            return f"without {' and '.join(slots.excluded)}"
        case _:
            return "beside those you have seen"


def _bounds(least: object | None, most: object | None) -> str:
    if least is None:
        return f"at most {most}"
    return f"at least {least}" if most is None else f"{least} to {most}"


def forgettable(wished: Iterable[str]) -> list[str]:
    """Return what can be said for these wishes not to count any more."""
    names = (_FORGOTTEN.get(wish) for wish in wished)
    return [f"Forget the {name}" for name in dict.fromkeys(names) if name]
