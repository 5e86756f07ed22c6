"""What teachers look back on: visits in the past, refunds, bonuses, corrections, payouts."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import db
from murph.core.ids import new_id
from murph.review.models import Review
from murph.session import service as sessions
from murph.session.models import SessionMeter, WatchSession, WatchSlice
from murph.wallet import service as wallet
from tests.auth.people import Person
from tests.session.builders import rules

DESK = "/api/v1/teacher"
Run = tuple[int, int]


def days_ago(days: float) -> datetime:
    """Return noon of the day that long ago, with the part of a day after it."""
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    return noon - timedelta(days=days)


def visit(
    student: Person,
    course: dict[str, Any],
    seconds: float,
    *,
    at: datetime,
    runs: Sequence[Run] | None = None,
    video: int = 0,
    settled: bool = True,
) -> UUID:
    """Let a student watch a course's video that long at a past moment; `runs` are in seconds of it."""
    session = sessions.start(
        student_id=student.id, course_id=UUID(course["id"]), locked_minor=5_000, rules=rules(), at=at
    )
    used_ms, video_id = round(seconds * 1000), course["videos"][video]["id"]
    meter = db.session.get_one(SessionMeter, session.id)
    meter.used_ms, meter.wall_ms, meter.video_id = used_ms, used_ms, video_id
    watched = [[begin * 1000, end * 1000] for begin, end in (((0, seconds),) if runs is None else runs)]
    if used_ms:
        db.session.add(_slice(session.id, video_id, used_ms, watched, at))
    db.session.commit()
    ended_at = at + timedelta(seconds=seconds)
    sessions.end(session_id=session.id, reason="user", rules=rules(), at=ended_at)
    if settled:
        sessions.settle_due(at=ended_at)
    return session.id


def _slice(session_id: UUID, video_id: str, used_ms: int, watched: Any, at: datetime) -> WatchSlice:
    runs = {video_id: watched}
    return WatchSlice(
        session_id=session_id, video_id=video_id, used_ms=used_ms, cost_minor=0, runs=runs, created_at=at
    )


def give_back(session_id: UUID, amount_minor: int | None, *, at: datetime) -> None:
    """Refund a session's price, or some of it."""
    wallet.refund(
        purpose="session",
        ref=str(session_id),
        amount_minor=amount_minor,
        reason="a complaint",
        at=at,
        ticket=str(new_id()),
        platform_pays=True,
    )


def praise(session_id: UUID, *, at: datetime, **changes: Any) -> Review:
    """Store a review of a session as it stands once it is written."""
    session = db.session.get_one(WatchSession, session_id)
    review = Review(
        **{
            "id": new_id(),
            "course_id": session.course_id,
            "teacher_id": session.teacher_id,
            "student_id": session.student_id,
            "session_id": session_id,
            "session_key": session_id.hex,
            "rating": 5,
            "credibility": 0.9,
            "evidence": {},
            "computed_at": at,
            "created_at": at,
            "updated_at": at,
            **changes,
        }
    )
    db.session.add(review)
    db.session.commit()
    return review


def ask(client: FlaskClient, teacher: Person, path: str) -> Any:
    """Return what the desk answers, which has to be 200."""
    answer = client.get(f"{DESK}/{path}", headers=teacher.headers)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def table(client: FlaskClient, teacher: Person, query: str = "") -> list[dict[str, str]]:
    """Return the lines of the table of earnings."""
    answer = client.get(f"{DESK}/earnings.csv{query}", headers=teacher.headers)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))
