"""The shape of an invariant check; each feature lists its own, `murph.app` runs them all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from murph.core.db import Base


@dataclass(frozen=True)
class Violation:
    """A broken invariant and the first row that shows it."""

    invariant: str
    message: str
    row: str


@dataclass(frozen=True)
class Check:
    """One invariant: `run(since)` yields what breaks it, looking at the rows of `over`.

    With `since`, rows that were finished before that moment may be left out.
    """

    name: str
    over: type[Base]
    run: Callable[[datetime | None], Iterable[Violation]]
