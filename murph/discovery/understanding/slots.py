"""What was wished besides the subject: price, length, level, language, and what it must not be."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from murph.discovery.understanding import amounts, exclusions, kinds


@dataclass(frozen=True)
class Slots:
    """What a course should be like; None where nothing was said. Money is in minor units.

    `price_minor` is for a minute, `budget_minor` for all of it, or for `minutes` of it when both were said.
    """

    price_minor: int | None = None
    budget_minor: int | None = None
    minutes: int | None = None
    level: str | None = None
    language: str | None = None
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
        return replace(earlier, **newer | {"excluded": excluded})


def read(message: str, *, places: int) -> tuple[Slots, str]:
    """Return what a message wishes for, and what is left of it; `places` are the decimals of the currency."""
    price_minor, budget_minor, left = amounts.money(message, places=places)
    minutes, left = amounts.length(left)
    level, left = kinds.level(left)
    language, left = kinds.language(left)
    excluded, left = exclusions.exclusions(left)
    return Slots(price_minor, budget_minor, minutes, level, language, excluded), left
