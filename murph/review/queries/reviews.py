"""Reading reviews."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, union_all

from murph.auth.models import User
from murph.core.db import db
from murph.core.paging import Order, Page, fetch_page
from murph.review.models import Review, ReviewSignal, ReviewVersion
from murph.review.rating import weight
from murph.session.models import WatchSession
from murph.wallet.models import Hold

SORTS = ("newest", "credible", "rating")


def has_reviewed(*, student_id: UUID, course_id: UUID) -> bool:
    """Tell whether a student said something about a course that stands, now or once again."""
    return db.session.scalar(_of(student_id, course_id).with_only_columns(Review.id).limit(1)) is not None


def courses_of(student_id: UUID) -> list[UUID]:
    """Return the courses about which a student says something."""
    query = select(Review.course_id).where(Review.student_id == student_id, Review.current_key.is_not(None))
    return list(db.session.scalars(query.order_by(Review.course_id)))


def current_key(*, student_id: UUID, course_id: UUID) -> str:
    """Return the value of `current_key` that marks the one review of a student on a course that counts."""
    return student_id.hex + course_id.hex


def lock_watching(*, student_id: UUID, course_id: UUID) -> dict[UUID, datetime]:
    """Have nobody else change what a student watched of a course, was given back, or said about it.

    The rows of the student's sessions and of what was paid for them stay ours until the transaction ends.
    Return which sessions these are, and when they began.
    """
    query = (
        select(WatchSession.id, WatchSession.created_at)
        .join(Hold, Hold.id == WatchSession.hold_id)
        .where(WatchSession.student_id == student_id, WatchSession.course_id == course_id)
    )
    return {row.id: row.created_at for row in db.session.execute(query.with_for_update())}


def locked_of(*, student_id: UUID, course_id: UUID) -> Sequence[Review]:
    """Return what a student said about a course and did not take back, the newest first, locked."""
    query = _of(student_id, course_id).order_by(Review.created_at.desc(), Review.id.desc())
    return db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def said_at(*, student_id: UUID, course_id: UUID, since: datetime, limit: int) -> Sequence[datetime]:
    """Return when a student wrote or changed what they say, deleted or not, the newest first."""
    of_pair = (Review.student_id == student_id, Review.course_id == course_id)
    now = select(Review.updated_at.label("said_at")).where(*of_pair)
    before = (
        select(ReviewVersion.written_at).join(Review, Review.id == ReviewVersion.review_id).where(*of_pair)
    )
    said = union_all(now, before).subquery().c.said_at
    return db.session.scalars(select(said).where(said > since).order_by(said.desc()).limit(limit)).all()


def standing(review_id: UUID) -> Review | None:
    """Return a review that was not deleted, as it was a moment ago."""
    query = select(Review).where(Review.id == review_id, Review.deleted_at.is_(None))
    return db.session.scalar(query.execution_options(populate_existing=True))


def _of(student_id: UUID, course_id: UUID) -> Select[Review]:
    return select(Review).where(
        Review.student_id == student_id, Review.course_id == course_id, Review.deleted_at.is_(None)
    )


def locked(review_id: UUID) -> Review | None:
    """Return a review that was not deleted, its row locked until the transaction ends."""
    query = select(Review).where(Review.id == review_id, Review.deleted_at.is_(None))
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def standing_signals(review_id: UUID) -> list[ReviewSignal]:
    """Return the signs of fraud in a review that no administrator has cleared."""
    query = select(ReviewSignal).where(ReviewSignal.review_id == review_id, ReviewSignal.cleared_at.is_(None))
    return list(db.session.scalars(query.order_by(ReviewSignal.kind)))


def weight_of(review: Review, *, at: datetime) -> float:
    """Return what a review weighs then; one that is not its author's last word weighs nothing."""
    if review.current_key is None:
        return 0.0
    age = at - review.created_at
    return weight(credibility=review.credibility, age=age, multiplier=review.multiplier)


def order(sort: str) -> list[Order]:
    """Return the order of a list, the newest first among equals."""
    newest = [Order(Review.created_at, descending=True), Order(Review.id, descending=True)]
    if sort == "credible":
        return [Order(Review.standing, descending=True), *newest]
    if sort == "rating":
        return [Order(Review.rating, descending=True), *newest]
    return newest


def page(
    course_id: UUID,
    *,
    student_id: UUID | None = None,
    order: Sequence[Order],
    limit: int,
    after: Sequence[Any] | None,
) -> Page:
    """Return a page of what everybody, or one student, says about a course now."""
    return fetch_page(_current(course_id, student_id), order=order, limit=limit, after=after)


def count(course_id: UUID, *, student_id: UUID | None = None) -> int:
    """Return how many students say something about a course now, of all or of one."""
    query = _current(course_id, student_id).with_only_columns(func.count(), maintain_column_froms=True)
    return db.session.scalar(query) or 0


def names(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of these users by their ids."""
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(list(user_ids))))
    return {row.id: row.name for row in rows}


def _current(course_id: UUID, student_id: UUID | None) -> Select[Review]:
    query = select(Review).where(Review.course_id == course_id, Review.standing.is_not(None))
    return query if student_id is None else query.where(Review.student_id == student_id)
