"""What the money path is measured with: students, and sessions that wait to be settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select, update

from benchmarks.people import LOCK_MINOR, pay_in, sign_up
from murph.auth import tokens
from murph.auth.models import STUDENT
from murph.core import clock
from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.session import service as sessions
from murph.session.models import SessionMeter, WatchSession
from murph.session.rules import Rules

WATCHED_MS = 200_000
"""Long enough that no session is a free preview: every one is paid for."""
BATCH = 100


@dataclass(frozen=True)
class Student:
    """Somebody with money, and what makes a request theirs."""

    id: UUID
    token: str


@transactional
def students(count: int, *, currency: str) -> list[Student]:
    """Sign up students who can afford a hundred locks each."""
    grants = [sign_up(str(new_id()), STUDENT) for _ in range(count)]
    for grant in grants:
        pay_in(grant.user.id, 100 * LOCK_MINOR, currency=currency)
    return [Student(grant.user.id, tokens.issue(grant)["access_token"]) for grant in grants]


def sessions_to_settle(app: Flask, course_id: UUID, count: int) -> None:
    """Leave behind that many sessions which students have watched and ended."""
    rules = Rules.from_config(app.config)
    for first in range(0, count, BATCH):
        _end_together(course_id, min(BATCH, count - first), rules)


@transactional
def _end_together(course_id: UUID, count: int, rules: Rules) -> None:
    at = clock.now()
    started = [
        sessions.start(
            student_id=student.id, course_id=course_id, locked_minor=LOCK_MINOR, rules=rules, at=at
        ).id
        for student in students(count, currency=rules.currency)
    ]
    _watch(started)
    for session_id in started:
        sessions.end(session_id=session_id, reason="user", rules=rules, at=at + timedelta(minutes=5))


def _watch(session_ids: Sequence[UUID]) -> None:
    watched = update(SessionMeter).where(SessionMeter.session_id.in_(session_ids))
    db.session.execute(watched.values(used_ms=WATCHED_MS, wall_ms=WATCHED_MS))
    db.session.expire_all()


def waiting_sessions() -> list[UUID]:
    """Return the sessions that are ended and not settled."""
    return list(db.session.scalars(select(WatchSession.id).where(WatchSession.status == "ending")))


def count_waiting() -> int:
    """Return how many sessions are ended and not settled, as this moment has it."""
    db.session.rollback()
    query = select(func.count()).select_from(WatchSession).where(WatchSession.status == "ending")
    return db.session.scalar(query) or 0
