"""The world that is measured: students with live sessions, and what the database says of those."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, insert, select

from benchmarks.metering.generator.plan import Target
from benchmarks.metering.generator.player import Account
from benchmarks.people import LOCK_MINOR, pay_in, sign_up
from benchmarks.place import Place
from murph.auth import tokens
from murph.auth.models import STUDENT, TokenFamily, User
from murph.auth.service import Grant
from murph.core import clock
from murph.core.db import Base, db, transactional
from murph.core.ids import new_id
from murph.session import service as sessions
from murph.session.models import SessionMeter, WatchSession
from murph.session.queries import active_key
from murph.session.rules import Rules

PAYING = 200
"""So many sessions are started by the verb, which locks money; the others are copies of the first one's rows.

A player does not notice: a socket reads the account, the sign-in, the session and its meter.
"""
BATCH = 100
Seat = tuple[Grant, UUID]


@dataclass(frozen=True)
class World:
    """A place with students in it, each with one live session."""

    place: Place
    seats: Sequence[Seat]

    def targets(self, count: int) -> list[Target]:
        """Return how the first `count` students connect, with tokens that are good for 15 minutes."""
        with self.place.app.app_context():
            return [
                Target(
                    path=socket_path(session_id),
                    token=tokens.issue(grant)["access_token"],
                    video_id=str(self.place.video_id),
                )
                for grant, session_id in self.seats[:count]
            ]

    def used_ms(self) -> dict[str, int]:
        """Return what the database says each session has used, by the path of its socket."""
        with self.place.app.app_context():
            rows = db.session.execute(select(SessionMeter.session_id, SessionMeter.used_ms)).all()
        return {socket_path(session_id): used_ms for session_id, used_ms in rows}


def socket_path(session_id: UUID) -> str:
    """Return where a session's player connects."""
    return f"/ws/session/{session_id}"


def require_sound(
    before_ms: Mapping[str, int], after_ms: Mapping[str, int], accounts: Mapping[str, Account]
) -> None:
    """Refuse a run after which a session has less than was acknowledged, or more than was claimed."""
    for path, account in accounts.items():
        if after_ms[path] < account["acked_s"] * 1000:
            raise SystemExit(f"acknowledged but not stored: {after_ms[path]} ms, {account}")
        if after_ms[path] - before_ms[path] > account["played_ms"]:
            raise SystemExit(f"stored but not played: {before_ms[path]} ms, {after_ms[path]} ms, {account}")


def populate(place: Place, count: int) -> World:
    """Give that many students a live session each."""
    with place.app.app_context():
        rules = Rules.from_config(place.app.config)
        seats: list[Seat] = []
        for first in range(0, min(count, PAYING), BATCH):
            numbers = range(first, min(first + BATCH, PAYING, count))
            seats += _start_together(numbers, place.course_id, rules)
        seats += _copy(seats[0], count - len(seats))
    return World(place, seats)


@transactional
def _start_together(numbers: Iterable[int], course_id: UUID, rules: Rules) -> list[Seat]:
    """Start the sessions of many students in one transaction: each verb joins it."""
    grants = [sign_up(f"student-{number}", STUDENT) for number in numbers]
    return [(_loose(grant), _start(grant.user.id, course_id, rules)) for grant in grants]


def _loose(grant: Grant) -> Grant:
    """Return the grant with an account that needs no database to be looked at."""
    return Grant(User(**_values(grant.user)), grant.family_id, grant.refresh_jti)


def _start(student_id: UUID, course_id: UUID, rules: Rules) -> UUID:
    pay_in(student_id, LOCK_MINOR, currency=rules.currency)
    return sessions.start(
        student_id=student_id, course_id=course_id, locked_minor=LOCK_MINOR, rules=rules, at=clock.now()
    ).id


@transactional
def _copy(seat: Seat, count: int) -> list[Seat]:
    grant, session_id = seat
    originals: list[Base] = [
        db.session.get_one(model, key)
        for model, key in ((User, grant.user.id), (TokenFamily, grant.family_id))
    ]
    originals += [db.session.get_one(model, session_id) for model in (WatchSession, SessionMeter)]
    seats = [_seat_like(grant) for _ in range(count)]
    for original in originals:
        rows = [_values(original) | _own(original, *copied) for copied in seats]
        if rows:
            db.session.execute(insert(type(original)), rows)
    return seats


def _seat_like(grant: Grant) -> Seat:
    user = User(**_values(grant.user) | {"id": new_id()})
    return Grant(user, family_id=new_id(), refresh_jti=new_id()), new_id()


def _values(row: Base) -> dict[str, Any]:
    stored = (each for each in type(row).__mapper__.column_attrs if isinstance(each.columns[0], Column))
    return {each.key: getattr(row, each.key) for each in stored}


def _own(original: Base, grant: Grant, session_id: UUID) -> dict[str, Any]:
    """Return the values in which a copy differs."""
    user_id = grant.user.id
    match original:
        case User():
            return {"id": user_id, "email": f"{user_id}@example.org"}
        case TokenFamily():
            return {"id": grant.family_id, "user_id": user_id}
        case WatchSession():
            key = active_key(user_id)
            return {"id": session_id, "student_id": user_id, "active_key": key, "hold_id": None}
        case _:
            return {"session_id": session_id}
