"""The teacher's dashboard: how a period went, beside the one before it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from murph.metering.retention import told
from murph.teacher.queries import earnings, learners, ratings
from murph.teacher.queries.ratings import Rating
from murph.teacher.service.earnings import Figures
from murph.wallet import service as wallet

PERIODS = (7, 28, 90)
MINUTE_MS = 60_000


@dataclass(frozen=True)
class Card:
    """A figure of the period and of the one before."""

    current: int
    previous: int

    @property
    def change(self) -> int:
        """Return by how much it grew."""
        return self.current - self.previous

    @property
    def change_pct(self) -> float | None:
        """Return by how many percent it grew; None when it was nothing before."""
        return round(100 * self.change / abs(self.previous), 1) if self.previous else None


@dataclass(frozen=True)
class Day:
    """One day (UTC) of the period; `learners` in whole groups as ``murph.metering.retention.told`` has it.

    `paid_minutes` are those that became full on this day, so that the days come to what the card says.
    """

    day: date
    net_minor: int
    paid_minutes: int
    learners: int | None


@dataclass(frozen=True)
class Dashboard:
    """How the days from `since` to before `until` went, and how things stand now."""

    since: date
    until: date
    net: Card
    refunds: Card
    bonuses: Card
    paid_minutes: Card
    learners: Card
    new_watchers: Card
    rating: Rating
    reviews: Rating
    reviews_before: Rating
    balance: wallet.Balance
    paid_out_minor: int
    days: Sequence[Day]


def dashboard(*, teacher_id: UUID, days: int, today: date) -> Dashboard:
    """Return how the last so many days went, today included, and the same number of days before them."""
    until = today + timedelta(days=1)
    since, before = until - timedelta(days=days), until - timedelta(days=2 * days)
    rows = earnings.changes(teacher_id, since=before, until=until, by=[earnings.BY_DAY])
    by_day = _by_day(rows)
    payers = _Payers(teacher_id, rows, since=before, until=until)
    both = ((since, until), (before, since))
    now, then = (_sum(by_day, *period) for period in both)
    reviews, reviews_before = _written(teacher_id, both)
    return Dashboard(
        since=since,
        until=until,
        net=Card(now.net_minor, then.net_minor),
        refunds=Card(now.refunds_minor, then.refunds_minor),
        bonuses=Card(now.bonuses_minor, then.bonuses_minor),
        paid_minutes=Card(now.paid_ms // MINUTE_MS, then.paid_ms // MINUTE_MS),
        learners=Card(payers.count(since, until), payers.count(before, since)),
        new_watchers=Card(*payers.count_new(both)),
        rating=ratings.rating(teacher_id),
        reviews=reviews,
        reviews_before=reviews_before,
        balance=wallet.balance(teacher_id),
        paid_out_minor=wallet.paid_out_minor(teacher_id),
        days=_days(by_day, payers, since, until),
    )


def _written(teacher_id: UUID, periods: Sequence[tuple[date, date]]) -> list[Rating]:
    moments = [(earnings.start_of(since), earnings.start_of(until)) for since, until in periods]
    return ratings.written(teacher_id, moments)


def _by_day(rows: Collection[Any]) -> dict[date, Figures]:
    found: dict[date, Figures] = defaultdict(Figures)
    for row in rows:
        found[row.day].add(row)
    return found


def _sum(by_day: dict[date, Figures], since: date, until: date) -> Figures:
    summed = Figures()
    for day, figures in by_day.items():
        if since <= day < until:
            summed.include(figures)
    return summed


def _days(by_day: dict[date, Figures], payers: "_Payers", since: date, until: date) -> list[Day]:
    days, through_ms = [], 0
    for number in range((until - since).days):
        day = since + timedelta(days=number)
        figures, before_ms = by_day.get(day, Figures()), through_ms
        through_ms += figures.paid_ms
        full_minutes = through_ms // MINUTE_MS - before_ms // MINUTE_MS
        count = payers.count(day, day + timedelta(days=1))
        days.append(Day(day, figures.net_minor, full_minutes, told(count)))
    return days


class _Payers:
    """Who paid on which days, as bits: those of the folded days, and of entries not folded yet.

    The entries were read before: what was folded since is in both, and that makes no bit more.
    """

    def __init__(self, teacher_id: UUID, rows: Collection[Any], *, since: date, until: date) -> None:
        self._teacher_id = teacher_id
        self._bits = defaultdict(int, learners.bits_by_day(teacher_id, since=since, until=until))
        payments = [row for row in rows if row.type == wallet.PAYMENT and row.student_id]
        known = learners.known(teacher_id, {row.student_id for row in payments})
        numbers = {student_id: learner.number for student_id, learner in known.items()}
        new = sorted({row.student_id for row in payments} - numbers.keys())
        numbers |= (
            {i: number for number, i in enumerate(new, learners.next_number(teacher_id))} if new else {}
        )
        for row in payments:
            self._bits[row.day] |= 1 << numbers[row.student_id]
        self._first_days = earnings.first_unfolded_days(teacher_id, new)

    def count(self, since: date, until: date) -> int:
        """Return how many different learners paid on these days."""
        together = 0
        for day, bits in self._bits.items():
            if since <= day < until:
                together |= bits
        return together.bit_count()

    def count_new(self, periods: Sequence[tuple[date, date]]) -> list[int]:
        """Return how many paid on one of the days of each period and never before."""
        folded = learners.count_new(self._teacher_id, periods)
        days = self._first_days.values()
        unfolded = [sum(since <= day < until for day in days) for since, until in periods]
        return [one + other for one, other in zip(folded, unfolded, strict=True)]
