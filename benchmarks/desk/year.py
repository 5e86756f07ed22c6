"""A teacher's year, written as files that the database reads in at once: sessions, slices, money, reviews."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, text

from benchmarks.people import PRICE_MINOR
from murph.auth.models import User
from murph.core.ids import new_id
from murph.course.models import Course, Video
from murph.ledger import codes
from murph.ledger.models import LedgerAccount
from murph.metering.cost import cost_minor, split

VIDEOS, VIDEO_MS, SLICE_MS = 10, 1_200_000, 60_000
COURSES_OF_A_LEARNER = 6
MOST_SLICES = 19
"""A session has 1 to 19 slices, 10 on average."""
FEE_BPS = 2_000
DAYS = 365
CHUNK = 50_000
COLUMNS = {
    "watch_session": "id student_id course_id teacher_id status currency price_per_minute_minor fee_bps "
    "locked_minor extensions used_ms cost_minor fee_minor teacher_minor is_free is_flagged end_reason "
    "created_at started_at ended_at settled_at",
    "watch_slice": "id session_id video_id used_ms cost_minor runs created_at",
    "journal_txn": "id kind ref_type ref_id part created_at",
    "ledger_transfer": "id txn_id leg currency debit_id credit_id amount_minor",
    "ledger_entry": "transfer_id side account_id amount_minor balance_after_minor seq created_at",
    "desk_due": "id student_id course_id created_at",
}
Rows = dict[str, list[str]]


@dataclass
class Account:
    """A ledger account as its entries so far leave it."""

    id: str = field(default_factory=lambda: new_id().hex)
    balance_minor: int = 0
    seq: int = 0


class Year:
    """One teacher with many learners; everything follows from the seed."""

    def __init__(self, *, sessions: int, learners: int, courses: int, seed: int = 6) -> None:
        self.sessions = sessions
        self._chance = random.Random(seed)
        self._begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self._begin -= timedelta(days=DAYS - 1)
        self.teacher_id = new_id()
        self._learners = [new_id() for _ in range(learners)]
        self._weights = [1 / (10 + place) for place in range(learners)]  # few come often, most seldom
        self.courses = [new_id() for _ in range(courses)]
        self.videos = {course: [new_id() for _ in range(VIDEOS)] for course in self.courses}
        self._course_weights = [1 / (5 + place) for place in range(courses)]
        self._chosen: dict[UUID, list[UUID]] = {}
        self._earned = Account()
        self._locked: dict[UUID, Account] = defaultdict(Account)
        self.watchers: Counter[UUID] = Counter()
        self.slices = 0

    def write_people(self, connection: Connection) -> None:
        """Store who is there and what is on offer."""
        category = connection.execute(text("SELECT id FROM category LIMIT 1")).scalar_one()
        at = self._begin
        people = [(self.teacher_id, "teacher"), *((learner, "student") for learner in self._learners)]
        for some in _chunks(people, 5_000):
            connection.execute(insert(User), [_user(user_id, kind, at) for user_id, kind in some])
        for course_id in self.courses:
            connection.execute(insert(Course), [_course(course_id, self.teacher_id, UUID(category), at)])
            videos = [_video(i, course_id, place, at) for place, i in enumerate(self.videos[course_id])]
            connection.execute(insert(Video), videos)

    def write(
        self, connection: Connection, folder: Path, first: int, last: int, *, due: bool = False
    ) -> None:
        """Store the sessions of these numbers, in the order of their time; `due` as settling leaves them."""
        for begin in range(first, last, CHUNK):
            numbers = range(begin, min(last, begin + CHUNK))
            learners = self._chance.choices(self._learners, self._weights, k=len(numbers))
            rows: Rows = {table: [] for table in COLUMNS}
            for number, learner in zip(numbers, learners, strict=True):
                self._add_session(rows, number, learner)
            rows["desk_due"] = [_due(line) for line in rows["watch_session"]] if due else []
            for table, lines in rows.items():
                _load(connection, folder, table, lines)
            connection.commit()

    def write_accounts(self, connection: Connection) -> None:
        """Store what the accounts have come to, and how many came to each course."""
        accounts = {codes.teacher_earned(self.teacher_id): (self._earned, self.teacher_id)}
        accounts |= {codes.user_locked(i): (account, i) for i, account in self._locked.items()}
        connection.execute(text("DELETE FROM ledger_account"))
        for some in _chunks(list(accounts.items()), 5_000):
            connection.execute(insert(LedgerAccount), [_account(code, *found) for code, found in some])
        for course_id, count in self.watchers.items():
            connection.execute(
                text("UPDATE course SET watchers_count = :count WHERE id = :id"),
                {"count": count, "id": course_id.hex},
            )
        connection.commit()

    def _add_session(self, rows: Rows, number: int, learner: UUID) -> None:
        chance = self._chance
        course = chance.choice(self._courses_of(learner))
        at = self._begin + timedelta(days=DAYS) * (number / self.sessions) * 0.999
        count = chance.randint(1, MOST_SLICES)
        used_ms = count * SLICE_MS
        cost = cost_minor(used_ms=used_ms, price_per_minute_minor=PRICE_MINOR)
        shares = split(cost_minor=cost, fee_bps=FEE_BPS)
        session = _id(at, number)
        ended = at + timedelta(milliseconds=used_ms)
        times = (_moment(at), _moment(at), _moment(ended), _moment(ended))
        money = (PRICE_MINOR, FEE_BPS, 3_000, 0, used_ms, cost, shares.fee_minor, shares.teacher_minor)
        whose = (session, learner.hex, course.hex, self.teacher_id.hex, "completed", "USD")
        rows["watch_session"].append(_line(*whose, *money, 0, 0, "user", *times))
        self._add_slices(rows, session, course, at, count)
        self._add_payment(rows, session, learner, shares.teacher_minor, ended, number)

    def _courses_of(self, learner: UUID) -> list[UUID]:
        chosen = self._chosen.get(learner)
        if chosen is None:
            drawn = self._chance.choices(self.courses, self._course_weights, k=COURSES_OF_A_LEARNER)
            chosen = self._chosen[learner] = sorted(set(drawn))
            self.watchers.update(chosen)
        return chosen

    def _add_slices(self, rows: Rows, session: str, course: UUID, at: datetime, count: int) -> None:
        chance, videos = self._chance, self.videos[course]
        place = chance.randrange(len(videos))
        position = 0 if chance.random() < 0.6 else chance.randrange(VIDEO_MS // SLICE_MS) * SLICE_MS
        for number in range(count):
            video = str(videos[place])
            runs = f'{{"{video}":[[{position},{min(VIDEO_MS, position + SLICE_MS)}]]}}'
            moment = _moment(at + timedelta(milliseconds=(number + 1) * SLICE_MS))
            slice_id = f"{session[:13]}{number + 16:03x}{session[16:]}"
            rows["watch_slice"].append(_line(slice_id, session, video, SLICE_MS, 40, runs, moment))
            position = max(0, position + chance.choice(_STEPS))
            if position >= VIDEO_MS:
                place, position = (place + 1) % len(videos), 0
        self.slices += count

    def _add_payment(
        self, rows: Rows, session: str, learner: UUID, amount: int, at: datetime, number: int
    ) -> None:
        txn, transfer, moment = _id(at, number, 1), _id(at, number, 2), _moment(at)
        locked, earned = self._locked[learner], self._earned
        rows["journal_txn"].append(_line(txn, "settle", "session", str(UUID(session)), 0, moment))
        rows["ledger_transfer"].append(_line(transfer, txn, 0, "USD", locked.id, earned.id, amount))
        for side, account, change in (("D", locked, -amount), ("C", earned, amount)):
            account.balance_minor += change
            account.seq += 1
            entry = (transfer, side, account.id, amount, account.balance_minor, account.seq, moment)
            rows["ledger_entry"].append(_line(*entry))


_STEPS = [SLICE_MS] * 18 + [-SLICE_MS, 3 * SLICE_MS]
"""Mostly on, now and then back over what was seen, or past something."""


def _id(at: datetime, number: int, kind: int = 0) -> str:
    """Return an id that grows with time, as UUIDv7 do."""
    return f"{int(at.timestamp() * 1000):012x}7{kind:03x}8{number:015x}"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _line(*values: object) -> str:
    return "\t".join(map(str, values)) + "\n"


def _due(session: str) -> str:
    session_id, student_id, course_id, *_, settled_at = session.split("\t")
    return _line(session_id, student_id, course_id, settled_at.strip())


def _load(connection: Connection, folder: Path, table: str, lines: Iterable[str]) -> None:
    path = folder / f"{table}.tsv"
    with path.open("w") as file:
        file.writelines(lines)
    columns = ", ".join(COLUMNS[table].split())
    connection.execute(
        text(f"LOAD DATA INFILE '{path}' INTO TABLE {table} CHARACTER SET utf8mb4 ({columns})")
    )
    path.unlink()


def _chunks(items: list[Any], size: int) -> Iterator[list[Any]]:
    for first in range(0, len(items), size):
        yield items[first : first + size]


def _user(user_id: UUID, kind: str, at: datetime) -> dict[str, Any]:
    named = {"id": user_id, "email": f"{user_id.hex}@example.org", "name": "Somebody", "user_type": kind}
    return named | {"password_hash": "unusable", "created_at": at, "updated_at": at}


def _course(course_id: UUID, teacher_id: UUID, category_id: UUID, at: datetime) -> dict[str, Any]:
    offered = {"id": course_id, "teacher_id": teacher_id, "category_id": category_id, "currency": "USD"}
    offered |= {"title": "A course", "description": "To be measured with.", "tags": [], "state": "published"}
    return offered | {
        "price_per_minute_minor": PRICE_MINOR,
        "created_at": at,
        "updated_at": at,
        "published_at": at,
    }


def _video(video_id: UUID, course_id: UUID, position: int, at: datetime) -> dict[str, Any]:
    source = {"kind": "external", "external_url": "https://videos.example.org/v.mp4", "duration_ms": VIDEO_MS}
    return source | {
        "id": video_id,
        "course_id": course_id,
        "title": f"Part {position + 1}",
        "position": position + 1,
        "created_at": at,
    }


def _account(code: str, account: Account, owner: UUID) -> dict[str, Any]:
    figures = {"balance_minor": account.balance_minor, "min_balance_minor": 0, "seq": account.seq}
    nature = {"is_unbounded": account.balance_minor < 0, "currency": "USD", "owner": owner}
    return {"id": UUID(account.id), "code": code} | figures | nature
