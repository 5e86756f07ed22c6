"""Reading how far learners went with courses."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from murph.core.db import db
from murph.course.models import Course, Video
from murph.review.models import Review
from murph.teacher.models import Learner, PublishedCurve, PublishedLengths, Viewer


def video(course_id: UUID, video_id: UUID) -> Video | None:
    """Return a video of a course."""
    return db.session.scalar(select(Video).where(Video.id == video_id, Video.course_id == course_id))


def published(video_id: UUID) -> PublishedCurve | None:
    """Return the curve of a video that is shown, None before enough watched it."""
    return db.session.get(PublishedCurve, video_id)


def counts(course_id: UUID) -> Any:
    """Return how many students opened a session, only had their preview, paid, came back on another day."""
    paid = Learner.paid_sessions > 0
    query = select(
        func.count().label("opened"),
        func.coalesce(func.sum(case((Learner.had_preview & ~paid, 1), else_=0)), 0).label("previewed_only"),
        func.coalesce(func.sum(case((paid, 1), else_=0)), 0).label("paid"),
        func.coalesce(func.sum(case((Learner.days > 1, 1), else_=0)), 0).label("came_back"),
    )
    return db.session.execute(query.where(Learner.course_id == course_id)).one()


def reached(course_id: UUID, least_ms: Collection[int]) -> list[int]:
    """Return how many students saw at least so much of a course, for each of the lengths."""
    seen_ms = func.sum(Viewer.seen_ms).label("seen_ms")
    each = select(seen_ms).where(Viewer.course_id == course_id).group_by(Viewer.student_id).subquery()
    counts = [func.coalesce(func.sum(case((each.c.seen_ms >= least, 1), else_=0)), 0) for least in least_ms]
    return [int(count) for count in db.session.execute(select(*counts)).one()]


def reviewers(course_id: UUID) -> int:
    """Return how many students have a review on a course that counts."""
    query = select(func.count()).select_from(Review)
    is_standing = (Review.course_id == course_id, Review.current_key.is_not(None))
    return db.session.scalar(query.where(*is_standing)) or 0


def watched_by_payers(course_ids: Collection[UUID]) -> dict[UUID, tuple[int, int, PublishedLengths | None]]:
    """Return by course how many students paid for it, how much they saw of it, and how long it is here.

    What they saw counts each thing once, in milliseconds.
    """
    paid = (Learner.course_id == Course.id, Learner.paid_sessions > 0)
    learners = select(func.count()).select_from(Learner).where(*paid)
    whose = (Learner.course_id == Viewer.course_id) & (Learner.student_id == Viewer.student_id)
    seen_ms = select(func.sum(Viewer.seen_ms)).join(Learner, whose).where(*paid)
    query = select(
        Course.id,
        *(each.correlate(Course).scalar_subquery() for each in (learners, seen_ms)),
        PublishedLengths,
    ).outerjoin(PublishedLengths, PublishedLengths.course_id == Course.id)
    rows = db.session.execute(query.where(Course.id.in_(course_ids)))
    return {row[0]: (row[1], int(row[2] or 0), row[3]) for row in rows}


def published_courses(teacher_id: UUID) -> int:
    """Return how many courses of a teacher everybody can see."""
    query = select(func.count()).select_from(Course)
    return db.session.scalar(query.where(Course.teacher_id == teacher_id, Course.state == "published")) or 0
