"""What some learners of the demo think: visits that were paid for, and reviews of them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from murph.auth import service as auth
from murph.auth.models import STUDENT
from murph.auth.passwords import PasswordCost
from murph.core.db import db, transactional
from murph.course import service as course
from murph.course.models import Course
from murph.metering.intervals import Interval
from murph.review import service as review
from murph.review.models import Review
from murph.review.queries import reviews
from murph.session import service as session
from murph.session.rules import Rules
from murph.wallet import service as wallet

LECTURE = "Compound interest, step by step"
NUTSHELL, POSTERS, BEER = (
    "FAIR in a nutshell",
    "Creating high resolution images of Galaxy Workflows",
    "Identification of the micro-organisms in a beer using Nanopore sequencing",
)
CORRIDOR = "My workflow hangs in the corridor now, two metres wide and sharp to the last label."
LEARNING_SINCE = timedelta(days=60)
"""Accounts of the last days are believed less."""


@dataclass(frozen=True)
class Opinion:
    """Which seconds of a course's first video somebody watched, and what they say about it."""

    title: str
    watched_s: Sequence[Interval]
    rating: int
    comment: str
    reply: str | None = None


@dataclass(frozen=True)
class Learner:
    """Somebody whose reviews are shown; nobody can sign in to the account."""

    email: str
    name: str
    opinions: Sequence[Opinion]


LEARNERS = (
    Learner(
        "mina@learners.murph.test",
        "Mina Okafor",
        (
            Opinion(
                LECTURE,
                [(0, 172), (46, 94)],
                5,
                "I watched the formula twice and now it stays in my head.",
                reply="That is the part I drew most often, too.",
            ),
            Opinion(NUTSHELL, [(0, 600)], 4, "Short, and everything in it is needed."),
        ),
    ),
    Learner(
        "teo@learners.murph.test",
        "Teo Marin",
        (
            Opinion(LECTURE, [(0, 172)], 4, "Good pace. One more exercise at the end would be welcome."),
            Opinion(BEER, [(0, 900)], 4, "Only the first quarter so far; the set-up is explained well."),
        ),
    ),
    Learner(
        "ivo@learners.murph.test",
        "Ivo Brandt",
        (
            Opinion(LECTURE, [(0, 62)], 1, "Too slow for me, I stopped after a minute."),
            Opinion(NUTSHELL, [(0, 300)], 3, "The first half repeats what the title says."),
        ),
    ),
    Learner(
        "lena@learners.murph.test",
        "Lena Sato",
        (Opinion(POSTERS, [(0, 1_500)], 5, CORRIDOR),),
    ),
    Learner(
        "noor@learners.murph.test",
        "Noor Haddad",
        (Opinion(NUTSHELL, [(0, 600), (240, 360)], 5, "The part on identifiers is worth seeing twice."),),
    ),
    Learner(
        "jan@learners.murph.test",
        "Jan Kowal",
        (Opinion(NUTSHELL, [(0, 480)], 4, "All there but the last chapter, which I knew."),),
    ),
    Learner(
        "ruth@learners.murph.test",
        "Ruth Adeyemi",
        (Opinion(NUTSHELL, [(0, 420), (240, 330)], 4, "Now I know why nobody found our data."),),
    ),
    Learner(
        "sven@learners.murph.test",
        "Sven Dahl",
        (Opinion(NUTSHELL, [(0, 360)], 3, "Fair enough, as they say."),),
    ),
    Learner(  # whose praise has a sign of fraud
        "kai@learners.murph.test",
        "Kai Lorne",
        (Opinion(POSTERS, [(0, 90)], 5, CORRIDOR),),
    ),
)


def account(learner: Learner, *, at: datetime) -> UUID:
    """Return the id of a learner's account, after opening it when it is missing."""
    try:
        return auth.find_user(email=learner.email).id
    except auth.UserNotFound:
        return auth.register(
            email=learner.email,
            password=secrets.token_urlsafe(),
            name=learner.name,
            user_type=STUDENT,
            cost=PasswordCost(time_cost=1, memory_kib=8),  # nobody knows it, so there is nothing to guess
            at=at - LEARNING_SINCE,
        ).user.id


def tell(students: Mapping[str, UUID], rules: Rules, *, currency: str, at: datetime) -> None:
    """Have every learner say what they think, once; it rates courses, and brings teachers bonuses."""
    praised: set[UUID] = set()
    for learner in LEARNERS:
        for opinion in learner.opinions:
            try:
                written = _say(students[learner.email], opinion, rules, at=at)
            except (course.CourseNotFound, review.ReviewNotAllowed, wallet.InsufficientFunds):
                continue  # the course is not what it was, or has another price by now
            praised |= {written.teacher_id} if written else set()
    for teacher_id in praised:
        review.scan_teacher(teacher_id=teacher_id, at=at)
    if praised:
        review.settle_bonuses(currency=currency, at=at)
        review.rate_due(at=at)


@transactional
def _say(student_id: UUID, opinion: Opinion, rules: Rules, *, at: datetime) -> Review | None:
    """Watch and review a course, unless it is gone or was reviewed; nobody can sign in to change that."""
    course_id = db.session.scalar(select(Course.id).where(Course.title == opinion.title).limit(1))
    if course_id is None or reviews.has_reviewed(student_id=student_id, course_id=course_id):
        return None
    lengths_ms = course.get_durations_ms(course_id=course_id)
    runs = {
        video_id: [
            (begin * 1000, min(stop * 1000, lengths_ms[video_id])) for begin, stop in opinion.watched_s
        ]
        for video_id in list(lengths_ms)[:1]
    }
    session.record_visit(student_id=student_id, course_id=course_id, runs=runs, rules=rules, at=at)
    written = review.write(
        student_id=student_id,
        course_id=course_id,
        rating=opinion.rating,
        comment=opinion.comment,
        edit_window=timedelta(),
        at=at,
    )
    if opinion.reply is not None:
        review.reply(review_id=written.id, teacher_id=written.teacher_id, text=opinion.reply, at=at)
    return written
