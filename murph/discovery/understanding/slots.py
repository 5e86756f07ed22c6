"""What was wished besides the subject: price, length, level, language, and what it must not be."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from murph.discovery.understanding import amounts, exclusions, kinds

_BOUNDS = (
    ("min_price_minor", "price_minor"),
    ("min_budget_minor", "budget_minor"),
    ("min_minutes", "minutes"),
)
"""The least and the most of the same."""


@dataclass(frozen=True)
class Slots:
    """What a course should be like; None or empty where nothing was said. Money is in minor units.

    `price_minor` is for a minute, `budget_minor` for all of it, or for `minutes` of it when both were said;
    one of the levels will do, and one of the languages (ISO 639-1).
    """

    price_minor: int | None = None
    min_price_minor: int | None = None
    budget_minor: int | None = None
    min_budget_minor: int | None = None
    minutes: int | None = None
    min_minutes: int | None = None
    levels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def named(self) -> list[str]:
        """Return the names of the slots about which something was said."""
        return [field.name for field in fields(self) if getattr(self, field.name) != field.default]

    def without(self, names: Collection[str]) -> Self:
        """Return these wishes but for the slots of these names."""
        cleared: dict[str, Any] = {field.name: field.default for field in fields(self) if field.name in names}
        return replace(self, **cleared)

    def over(self, earlier: Self) -> Self:
        """Return these wishes, and those of an earlier message where nothing new was said."""
        newer = {name: getattr(self, name) for name in self.named()}
        excluded = tuple(dict.fromkeys((*earlier.excluded, *self.excluded)))
        return replace(earlier, **newer | {"excluded": excluded}).without(self._outdated(earlier))

    def _outdated(self, earlier: Self) -> list[str]:
        """Return the bounds of an earlier message that leave no room beside these."""
        found = []
        for least, most in _BOUNDS:
            mine, theirs = getattr(self, least), getattr(earlier, most)
            found += [most] if mine and theirs is not None and theirs < mine and self._lacks(most) else []
            mine, theirs = getattr(self, most), getattr(earlier, least)
            found += [least] if mine is not None and theirs and theirs > mine and self._lacks(least) else []
        return found

    def _lacks(self, name: str) -> bool:
        return getattr(self, name) is None


def read(message: str, *, currency: str) -> tuple[Slots, tuple[str, ...], str]:
    """Return what a message wishes for, the amounts in other currencies, and what is left of it."""
    money, left = amounts.money(amounts.spelled_out(message), currency=currency)
    length, left = amounts.length(left)
    levels, left = kinds.levels(left)
    languages, left = kinds.languages(left)
    excluded, left = exclusions.exclusions(left)
    found = Slots(
        price_minor=money.price.most,
        min_price_minor=money.price.least,
        budget_minor=money.budget.most,
        min_budget_minor=money.budget.least,
        minutes=length.most,
        min_minutes=length.least,
        levels=levels,
        languages=languages,
        excluded=excluded,
    )
    return found, money.foreign, left
