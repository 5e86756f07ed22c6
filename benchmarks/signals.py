"""How long it takes to look for signs of fraud in all reviews, on a private MariaDB, and how that grows.

One teacher has a fifth of all reviews, on one course. Among them are copied texts, a stock phrase that one
in a hundred uses, a ring that plays one script, and students who sign in where their teacher does.
"""

import argparse
import logging
import random
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from benchmarks import machine
from benchmarks.place import Place, private_place
from benchmarks.report import table
from murph.auth.models import STUDENT, TEACHER, TokenFamily, User
from murph.core import clock
from murph.core.db import db
from murph.core.ids import new_id
from murph.course.models import Category, Course
from murph.review import service
from murph.review.models import CourseRating, Review, ReviewSignal, WatchTrace
from murph.review.queries import signals
from murph.review.wording import text_hash
from murph.session.models import WatchSession
from tests.support.databases import make_app, migrate

CHUNK = 2_000
TEACHERS_PER_THOUSAND = 5
BIG_SHARE, RING, POINTS, SIGN_INS = 0.2, 50, 20, 20
STOCK_PHRASE = "Great course, I learned a lot and would take it again"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def main() -> None:
    """Fill two databases, the second four times as large, scan each twice and print what that took."""
    parser = argparse.ArgumentParser("python -m benchmarks.signals", description=__doc__)
    parser.add_argument("--reviews", type=int, default=100_000, help="reviews to look at")
    size = parser.parse_args().reviews
    logging.disable(logging.INFO)
    with private_place() as place:
        rows = [row for count in (size // 4, size) for row in _measure(place, count)]
        described = machine.describe(db.engine)
    head = (
        "reviews",
        "scan",
        "s",
        "us a review",
        "own processor us a review",
        "largest teacher s",
        "weights changed",
        "signs kept",
    )
    print(table(head, rows), table(("machine", ""), list(described.items())), sep="\n\n")


def _measure(place: Place, count: int) -> Iterator[Sequence[Any]]:
    url = place.new_database(f"signals{count}")
    migrate(url, place.folder)
    app = make_app(url, place.folder, REDIS_URL=place.valkey.url)
    with app.app_context():
        big = _World(count).fill()
        for scan in ("first", "again"):
            cpu_s = time.process_time()
            took_s, of_big_s, changed = _scan(big)
            cpu_us = (time.process_time() - cpu_s) / count * 1e6
            kept = db.session.scalar(select(func.count()).select_from(ReviewSignal))
            times = (f"{took_s:.1f}", f"{took_s / count * 1e6:.0f}", f"{cpu_us:.0f}", f"{of_big_s:.1f}")
            yield (count, scan, *times, changed, kept)
        db.session.remove()
        db.engine.dispose()


def _scan(big: UUID) -> tuple[float, float, int]:
    """Scan all teachers as the command does; return the seconds, those of the largest one, the changes."""
    at, began_s, of_big_s, changed = clock.now(), time.monotonic(), 0.0, 0
    for teacher_id in signals.teachers():
        before_s = time.monotonic()
        changed += service.scan_teacher(teacher_id=teacher_id, at=at)
        if teacher_id == big:
            of_big_s = time.monotonic() - before_s
    return time.monotonic() - began_s, of_big_s, changed


class _World:
    """As many reviews as were asked for, by as many students, and what the rules look at."""

    def __init__(self, count: int) -> None:
        self._random = random.Random(count)
        self._count, self._at = count, clock.now()
        teachers = max(2, count * TEACHERS_PER_THOUSAND // 1000)
        self._courses = [(new_id(), new_id()) for _ in range(teachers)]
        pick = partial(self._random.choice, LETTERS)
        self._words = ["".join(pick() for _ in range(self._random.randint(2, 9))) for _ in range(3_000)]
        self._ranks = [1 / rank for rank in range(1, len(self._words) + 1)]
        self._script = self._points()
        self._said: list[str] = []

    def fill(self) -> UUID:
        """Write everything and return the teacher who has most of it."""
        category_id = db.session.scalars(select(Category.id).limit(1)).one()
        self._add(User, [self._user(teacher_id, TEACHER) for teacher_id, _ in self._courses])
        self._add(
            TokenFamily, [self._sign_in(teacher_id) for teacher_id, _ in self._courses for _ in range(20)]
        )
        self._add(Course, [self._course(*each, category_id) for each in self._courses])
        self._add(
            CourseRating, [{"course_id": course_id, "stars": [0] * 5} for _, course_id in self._courses]
        )
        for begin in range(0, self._count, CHUNK):
            self._students(range(begin, min(self._count, begin + CHUNK)))
        return self._courses[0][0]

    def _students(self, numbers: range) -> None:
        rows: dict[Any, list[dict[str, Any]]] = {}
        for number in numbers:
            in_big = self._random.random() < BIG_SHARE
            teacher_id, course_id = self._courses[0] if in_big else self._random.choice(self._courses[1:])
            student_id, session_id = new_id(), new_id()
            for model, row in (
                (User, self._user(student_id, STUDENT)),
                (TokenFamily, self._sign_in(student_id)),
                (WatchSession, self._session(session_id, student_id, teacher_id, course_id)),
                (Review, self._review(number, session_id, student_id, teacher_id, course_id)),
                (WatchTrace, self._trace(number, student_id, course_id)),
            ):
                rows.setdefault(model, []).append(row)
        for model, added in rows.items():
            self._add(model, added)

    def _add(self, model: Any, rows: Sequence[dict[str, Any]]) -> None:
        db.session.execute(insert(model), list(rows))
        db.session.commit()

    def _user(self, user_id: UUID, user_type: str) -> dict[str, Any]:
        joined = self._at - timedelta(days=self._random.randint(0, 700))
        who = {"id": user_id, "email": f"{user_id}@example.org", "password_hash": "-", "name": "A"}
        return {**who, "user_type": user_type, "created_at": joined, "updated_at": joined}

    def _sign_in(self, user_id: UUID) -> dict[str, Any]:
        hashes = {"address_hash": f"{self._random.randrange(10**6):064}", "agent_hash": "a" * 64}
        return {"id": new_id(), "user_id": user_id, "created_at": self._at, "expires_at": self._at, **hashes}

    def _course(self, teacher_id: UUID, course_id: UUID, category_id: UUID) -> dict[str, Any]:
        who = {"id": course_id, "teacher_id": teacher_id, "category_id": category_id}
        what = {"title": "T", "description": "D", "currency": "USD", "tags": [], "price_per_minute_minor": 1}
        return {**who, **what, "created_at": self._at, "updated_at": self._at}

    def _session(
        self, session_id: UUID, student_id: UUID, teacher_id: UUID, course_id: UUID
    ) -> dict[str, Any]:
        who = {"id": session_id, "student_id": student_id, "teacher_id": teacher_id, "course_id": course_id}
        what = {"status": "completed", "currency": "USD", "price_per_minute_minor": 1, "fee_bps": 2_000}
        money = {"locked_minor": 100, "cost_minor": 100, "fee_minor": 20, "teacher_minor": 80}
        return {**who, **what, **money, "created_at": self._at}

    def _review(
        self, number: int, session_id: UUID, student_id: UUID, teacher_id: UUID, course_id: UUID
    ) -> dict[str, Any]:
        written = self._at - timedelta(days=365 * self._random.random())
        comment = self._comment(number)
        who = {"id": new_id(), "student_id": student_id, "teacher_id": teacher_id, "course_id": course_id}
        keys = {"session_id": session_id, "session_key": session_id.hex, "current_key": student_id.hex}
        said = {"rating": 5, "comment": comment, "text_hash": text_hash(comment), "evidence": {}}
        times = {"computed_at": written, "created_at": written, "updated_at": written}
        return {**who, **keys, **said, "credibility": 0.8, **times}

    def _comment(self, number: int) -> str:
        if number % 100 == 0:
            return STOCK_PHRASE
        if number % 20 == 0 and self._said:
            return self._random.choice(self._said) + " Thanks"
        length = self._random.randint(5, 60)
        self._said.append(" ".join(self._random.choices(self._words, self._ranks, k=length)))
        return self._said[-1]

    def _trace(self, number: int, student_id: UUID, course_id: UUID) -> dict[str, Any]:
        points = self._script if number % (self._count // RING) == 0 else self._points()
        return {"student_id": student_id, "course_id": course_id, "points": points, "made_at": self._at}

    def _points(self) -> list[list[Any]]:
        return [["video", self._random.randrange(3_600_000), at % 2 == 0] for at in range(POINTS)]


if __name__ == "__main__":
    main()
