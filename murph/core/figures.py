"""The shape of what is read when somebody looks at the state of things; `murph.app` shows it to Prometheus.

Each feature lists its own in a `figures.py`. A state is read and not counted: what was counted twice, or not
at all because somebody was killed, would be wrong for ever.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select

from murph.core.db import db

NOW_S, DAY_S = 5, 60
"""How long figures of the moment, and figures of the last day, are shown before they are read again."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Figure:
    """What is, by the value of its label, if it has one."""

    name: str
    meaning: str
    values: Mapping[str, float]
    label: str = ""


@dataclass(frozen=True)
class Reader:
    """Something that reads figures at a moment, and for how long they are good enough."""

    read: Callable[[datetime], Iterable[Figure]]
    kept_s: int = NOW_S


def one(name: str, meaning: str, value: float | None) -> Figure:
    """Return a figure without labels; nothing is shown for no value."""
    return Figure(name, meaning, {} if value is None else {"": float(value)})


def by(query: Select[Any, Any], expected: Iterable[str]) -> dict[str, float]:
    """Return a number by its label; a label that is expected and was not found has 0 of it."""
    found = {str(label): float(number) for label, number in db.session.execute(query)}
    return dict.fromkeys(expected, 0.0) | found


def age_s(since: datetime | None, at: datetime) -> float:
    """Return for how long something has been so; 0 when nothing is."""
    return max(0.0, (at - since).total_seconds()) if since else 0.0
