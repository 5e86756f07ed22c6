"""Write a review, change it, or take it back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import TypedDict
from uuid import UUID

from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.course import service as course
from murph.review.models import Review, ReviewVersion
from murph.review.queries import reports, reviews, watching
from murph.review.queries.watching import Paid
from murph.review.service.due import have_weighed, note_bonus, note_change
from murph.review.service.errors import (
    EditWindowOver,
    NotReviewAuthor,
    ReviewExists,
    ReviewNotAllowed,
    ReviewNotFound,
    ReviewSuperseded,
    TooManyVersions,
)
from murph.review.service.ratings import mark_due
from murph.review.service.signals import keep_flag
from murph.review.service.weighing import weigh
from murph.review.wording import text_hash
from murph.session.models import WatchSession

MAX_VERSIONS, COUNTED_FOR = 20, timedelta(days=1)
"""So often a student may say something about one course in that time: each is kept, and weighed."""
BY_AUTHOR = "Its author deleted the review."


class Changes(TypedDict, total=False):
    """What a student may change of a review."""

    rating: int
    comment: str | None


@transactional
def write(
    *,
    student_id: UUID,
    course_id: UUID,
    session_id: UUID | None = None,
    rating: int,
    comment: str | None = None,
    edit_window: timedelta,
    at: datetime,
) -> Review:
    """Say something about a course after a paid session on it, by default the newest.

    It takes the place of what the student said about the course before. So sessions before one that was
    reviewed serve no more: a request that is sent again makes no second review.

    Raises:
        course.CourseNotFound: there is no such course for the student.
        ReviewNotAllowed: no such session is theirs, settled and paid for.
        ReviewExists: the session, or a later one, has its review.
        TooManyVersions: they wrote, deleted and wrote again MAX_VERSIONS times within a day.
    """
    begun_at = reviews.lock_watching(student_id=student_id, course_id=course_id)
    said = reviews.locked_of(student_id=student_id, course_id=course_id)
    paid = watching.paid_sessions(student_id=student_id, course_id=course_id)
    session = _session_to_review(student_id, course_id, paid, wanted_id=session_id)
    reviewed = [(begun_at[review.session_id], review.session_id) for review in said]
    if any(each >= (session.created_at, session.id) for each in reviewed):
        raise ReviewExists
    _require_patience(student_id, course_id, at=at)
    mark_due(course_id=course_id, at=at)
    for review in said:
        review.current_key = None
    db.session.flush()  # the key has to be free before it is given away
    written = _of_session(session, rating=rating, comment=comment, at=at)
    written.bonus_due_at = at + edit_window
    _store(written, paid, at=at)
    return written


def _session_to_review(
    student_id: UUID, course_id: UUID, paid: Sequence[Paid], *, wanted_id: UUID | None
) -> WatchSession:
    if not paid:
        # Of what they cannot see they are told nothing.
        course.expect_visible(course_id=course_id, viewer_id=student_id)
    eligible = [each.session for each in paid if wanted_id in (None, each.session.id)]
    if not eligible:
        raise ReviewNotAllowed
    return eligible[0]


def _of_session(session: WatchSession, *, rating: int, comment: str | None, at: datetime) -> Review:
    return Review(
        id=new_id(),
        course_id=session.course_id,
        teacher_id=session.teacher_id,
        student_id=session.student_id,
        session_id=session.id,
        session_key=session.id.hex,
        current_key=reviews.current_key(student_id=session.student_id, course_id=session.course_id),
        rating=rating,
        comment=comment,
        text_hash=text_hash(comment),
        created_at=at,
        updated_at=at,
    )


def _store(written: Review, paid: Sequence[Paid], *, at: datetime) -> None:
    pair = {"student_id": written.student_id, "course_id": written.course_id}
    weigh(written, watching.evidence_of(**pair, paid=paid), at=at)
    db.session.add(written)
    db.session.flush()
    keep_flag(written, at=at)
    have_weighed(**pair, at=at)  # who wrote it is looked at by a worker


@transactional
def edit(
    *, review_id: UUID, student_id: UUID, changes: Changes, edit_window: timedelta, at: datetime
) -> Review:
    """Change a review within `edit_window` of its writing; what it said before is kept.

    Raises:
        ReviewNotFound, NotReviewAuthor, EditWindowOver: it is not the caller's to change any more.
        ReviewSuperseded: they have reviewed the course again.
        TooManyVersions: they did so MAX_VERSIONS times within a day.
    """
    review = _lock_own(review_id, student_id, edit_window=edit_window, at=at)
    if review.current_key is None:
        raise ReviewSuperseded
    rating, comment = changes.get("rating", review.rating), changes.get("comment", review.comment)
    if (rating, comment) == (review.rating, review.comment):
        return review
    _require_patience(student_id, review.course_id, at=at)
    mark_due(course_id=review.course_id, at=at)
    db.session.add(_version(review))
    review.rating, review.comment, review.text_hash = rating, comment, text_hash(comment)
    review.version, review.updated_at = review.version + 1, at
    weigh(review, watching.evidence_of(student_id=student_id, course_id=review.course_id), at=at)
    have_weighed(student_id=student_id, course_id=review.course_id, at=at)
    return review


def _version(review: Review) -> ReviewVersion:
    return ReviewVersion(
        review_id=review.id,
        version=review.version,
        rating=review.rating,
        comment=review.comment,
        written_at=review.updated_at,
    )


@transactional
def delete(*, review_id: UUID, student_id: UUID, edit_window: timedelta, at: datetime) -> None:
    """Take a review back within `edit_window` of its writing; what was said before it counts again.

    Raises:
        ReviewNotFound, NotReviewAuthor, EditWindowOver: it is not the caller's to delete any more.
    """
    take_down(_lock_own(review_id, student_id, edit_window=edit_window, at=at), why=BY_AUTHOR, at=at)


@transactional
def take_down(review: Review, *, why: str, actor_id: UUID | None = None, at: datetime) -> int:
    """Delete a review that is locked, as is its student's watching; what was said before it counts again.

    What was reported about it is closed for the same reason; return how many reports that are.
    """
    mark_due(course_id=review.course_id, at=at)
    review.deleted_at = at
    freed, review.current_key, review.session_key = review.current_key, None, None
    db.session.flush()  # the key has to be free before it is given away
    pair = {"student_id": review.student_id, "course_id": review.course_id}
    standing = reviews.locked_of(**pair)
    if freed is not None and standing:
        standing[0].current_key = freed
    note_bonus(**pair, at=at)
    note_change(**pair, at=at)
    waiting = reports.locked_open(review.id)
    for report in waiting:
        report.closed_at, report.closed_by, report.closed_reason = at, actor_id, why
    return len(waiting)


def _lock_own(review_id: UUID, student_id: UUID, *, edit_window: timedelta, at: datetime) -> Review:
    found = reviews.standing(review_id)
    if found is None:
        raise ReviewNotFound
    if found.student_id != student_id:
        raise NotReviewAuthor
    reviews.lock_watching(student_id=student_id, course_id=found.course_id)
    locked = {each.id: each for each in reviews.locked_of(student_id=student_id, course_id=found.course_id)}
    if review_id not in locked:
        raise ReviewNotFound
    review = locked[review_id]
    if at >= review.created_at + edit_window:
        raise EditWindowOver
    return review


def _require_patience(student_id: UUID, course_id: UUID, *, at: datetime) -> None:
    """Refuse another version for a while; the caller has locked what the student watched of the course."""
    pair = {"student_id": student_id, "course_id": course_id}
    said_at = reviews.said_at(**pair, since=at - COUNTED_FOR, limit=MAX_VERSIONS)
    if len(said_at) == MAX_VERSIONS:
        raise TooManyVersions(retry_after_s=ceil((said_at[-1] + COUNTED_FOR - at).total_seconds()))
