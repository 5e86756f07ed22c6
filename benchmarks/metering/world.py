"""The world that is measured: students with live sessions, made by the verbs that always make them."""

from collections.abc import Iterable
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from benchmarks.metering.generator import Target
from murph.auth import tokens
from murph.auth.models import STUDENT, TEACHER, User
from murph.auth.service import Grant
from murph.auth.service.signins import open_family
from murph.core import clock
from murph.core.db import db, transactional
from murph.course import service as course
from murph.course.service import ContentStructure, LecturePart
from murph.session import service as sessions
from murph.session.models import SessionMeter
from murph.session.rules import Rules
from murph.wallet import service as wallet

PRICE_MINOR = 50
LOCK_MINOR = 3_000
BATCH = 100


def prepare(app: Flask, *, players: int) -> list[Target]:
    """Give that many students money and a live session each; return how they connect."""
    course_id, video_id = published_course(app.config["CURRENCY"])
    rules = Rules.from_config(app.config)
    started: list[tuple[Grant, UUID]] = []
    for first in range(0, players, BATCH):
        numbers = range(first, min(first + BATCH, players))
        started += _start_together(numbers, course_id, rules)
    return [
        Target(
            path=socket_path(session_id),
            token=tokens.issue(grant)["access_token"],
            video_id=str(video_id),
        )
        for grant, session_id in started
    ]


def socket_path(session_id: UUID) -> str:
    """Return where a session's player connects."""
    return f"/ws/session/{session_id}"


@transactional
def published_course(currency: str) -> tuple[UUID, UUID]:
    """Publish a course of one hour, and return its id and that of its video."""
    at = clock.now()
    teacher_id = sign_up("teacher", TEACHER).user.id
    content = ContentStructure(
        lectures=[LecturePart("All of it", start_ms=0, end_ms=3_600_000)],
        video_url="https://videos.example.org/lecture.mp4",
    )
    made = course.create(
        teacher_id=teacher_id,
        currency=currency,
        title="A course to measure with",
        description="One hour of lecture.",
        category="Mathematics",
        price_per_minute_minor=PRICE_MINOR,
        content=content,
        at=at,
    )
    course.publish(course_id=made.id, teacher_id=teacher_id, at=at)
    return made.id, made.videos[0].id


@transactional
def _start_together(numbers: Iterable[int], course_id: UUID, rules: Rules) -> list[tuple[Grant, UUID]]:
    """Start the sessions of many students in one transaction: each verb joins it."""
    grants = [sign_up(f"student-{number}", STUDENT) for number in numbers]
    return [(grant, _start(grant.user.id, course_id, rules)) for grant in grants]


def sign_up(name: str, user_type: str) -> Grant:
    """Add an account of this name, and sign it in."""
    # Not by the verb for it, which hashes a password that nobody here ever types.
    at = clock.now()
    user = User(
        email=f"{name}@example.org",
        password_hash="unusable",
        name=name,
        user_type=user_type,
        created_at=at,
        updated_at=at,
    )
    db.session.add(user)
    db.session.flush()
    return open_family(user, at)


def _start(student_id: UUID, course_id: UUID, rules: Rules) -> UUID:
    at = clock.now()
    pay_in(student_id, LOCK_MINOR, currency=rules.currency)
    return sessions.start(
        student_id=student_id, course_id=course_id, locked_minor=LOCK_MINOR, rules=rules, at=at
    ).id


def pay_in(student_id: UUID, amount_minor: int, *, currency: str) -> None:
    """Give a new student money."""
    # Not by a top-up, which is never one with anything else in a transaction.
    wallet.adjust(
        ticket=f"student-{student_id}",
        debit="platform:bonus",
        credit=f"user:{student_id}:available",
        amount_minor=amount_minor,
        currency=currency,
        reason="to be measured with",
        at=clock.now(),
    )


def durable_ms() -> dict[str, int]:
    """Return what the database says each session has used, by the path of its socket."""
    rows = db.session.execute(select(SessionMeter.session_id, SessionMeter.used_ms))
    used_ms = {socket_path(session_id): used_ms for session_id, used_ms in rows}
    db.session.remove()
    return used_ms
