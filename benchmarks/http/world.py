"""Who asks: students with money and a password, a shelf of courses, and sessions that are being watched."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from sqlalchemy import select, update

from benchmarks.people import LOCK_MINOR, pay_in, published_course
from benchmarks.place import Place
from murph.auth import service as auth
from murph.auth import tokens
from murph.auth.passwords import PasswordCost
from murph.core import clock
from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.ledger.models import LedgerAccount
from murph.session import service as sessions
from murph.session.models import SessionMeter, WatchSession
from murph.session.rules import Rules

PASSWORD = "correct horse battery"
CHEAP = PasswordCost(time_cost=1, memory_kib=8)
USUAL = PasswordCost(time_cost=2, memory_kib=19 * 1024)
WATCHED_MS = 200_000


@dataclass(frozen=True)
class Student:
    """Somebody with money, a token, and what is theirs by role."""

    id: UUID
    email: str
    token: str
    ids: dict[str, str]


def shelf(count: int, currency: str) -> None:
    """Publish courses beside the first one, so that a list has a full page."""
    for _ in range(count):
        published_course(currency, teacher=f"teacher-{new_id()}")


def students(place: Place, count: int) -> list[Student]:
    """Sign up students who have watched nothing and cancelled once, so that all accounts stand alike."""
    return [_student(place, number) for number in range(count)]


def _student(place: Place, number: int) -> Student:
    email = f"{new_id()}@example.org"
    cost = USUAL if number == 0 else CHEAP
    grant = auth.register(
        email=email, password=PASSWORD, name="Student", user_type="student", cost=cost, at=clock.now()
    )
    user_id, family_id = grant.user.id, grant.family_id
    token: str = tokens.issue(grant)["access_token"]
    _fund(place.app, user_id, place.course_id)
    query = select(LedgerAccount.code, LedgerAccount.id).where(LedgerAccount.owner == user_id)
    accounts = {code.rpartition(":")[2]: found.hex for code, found in db.session.execute(query)}
    db.session.rollback()
    return Student(user_id, email, token, {"student": user_id.hex, "family": family_id.hex, **accounts})


def _fund(app: Flask, user_id: UUID, course_id: UUID) -> None:
    rules = Rules.from_config(app.config)
    _pay_in(user_id, rules.currency)
    locked = sessions.lock(
        student_id=user_id, course_id=course_id, locked_minor=LOCK_MINOR, rules=rules, at=clock.now()
    )
    sessions.end(session_id=locked.id, reason="user", rules=rules, at=clock.now())


@transactional
def _pay_in(user_id: UUID, currency: str) -> None:
    pay_in(user_id, 100 * LOCK_MINOR, currency=currency)


@transactional
def watch(watching: Sequence[Student]) -> dict[UUID, dict[str, str]]:
    """Let live sessions be watched for a while; return the ids of each student, the session's with them."""
    query = select(WatchSession.student_id, WatchSession.id, WatchSession.hold_id).where(
        WatchSession.active_key.is_not(None)
    )
    found = {row.student_id: row for row in db.session.execute(query)}
    ids = [found[each.id].id for each in watching]
    meters = update(SessionMeter).where(SessionMeter.session_id.in_(ids))
    db.session.execute(meters.values(used_ms=WATCHED_MS, wall_ms=WATCHED_MS))
    return {
        each.id: each.ids | {"session": found[each.id].id.hex, "hold": found[each.id].hold_id.hex}
        for each in watching
    }
