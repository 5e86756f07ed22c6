"""Who a benchmark is about: accounts with money, and a course to watch."""

from uuid import UUID

from murph.auth.models import TEACHER, User
from murph.auth.origins import NOWHERE
from murph.auth.service import Grant
from murph.auth.service.signins import open_family
from murph.core import clock
from murph.core.db import db, transactional
from murph.course import service as course
from murph.course.service import ContentStructure, LecturePart
from murph.wallet import service as wallet

PRICE_MINOR = 50
LOCK_MINOR = 3_000


@transactional
def published_course(currency: str, teacher: str = "teacher") -> tuple[UUID, UUID]:
    """Publish a course of one hour, and return its id and that of its video."""
    at = clock.now()
    teacher_id = sign_up(teacher, TEACHER).user.id
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
    return open_family(user, NOWHERE, at)


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
