"""Reading what signs of fraud are looked for in, and what was found before.

What is read of many students is read of a few hundred at a time, with statements that find their rows by
an index: no look at a teacher's reviews compares each with each.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import aliased

from murph.auth.models import SUSPENDED, TokenFamily, User
from murph.core.db import db
from murph.review.fraud import ADMIN
from murph.review.models import Review, ReviewSignal, ReviewVersion, WatchTrace
from murph.session.models import WatchSession
from murph.wallet.models import Refund

AT_ONCE = 500

K = TypeVar("K")
Pair = tuple[UUID, UUID]
"""A student and a course."""


@dataclass(frozen=True)
class Written:
    """The last word of a student on a course."""

    id: UUID
    student_id: UUID
    course_id: UUID
    created_at: datetime
    updated_at: datetime
    rating: int
    credibility: float
    comment: str | None
    text_hash: str | None
    version: int


@dataclass(frozen=True)
class Account:
    """Since when somebody has their account, and whether it is suspended."""

    joined_at: datetime
    is_suspended: bool


@dataclass(frozen=True)
class Spent:
    """What a student spent altogether and with one teacher, less what was given back."""

    with_teacher_minor: int = 0
    total_minor: int = 0


def teachers() -> list[UUID]:
    """Return who has reviews."""
    return list(db.session.scalars(select(Review.teacher_id).distinct().order_by(Review.teacher_id)))


def teachers_of_due_bonuses(until: datetime) -> list[UUID]:
    """Return whose bonuses are to be decided on until then."""
    query = select(Review.teacher_id).where(Review.bonus_due_at <= until).distinct()
    return list(db.session.scalars(query.order_by(Review.teacher_id)))


def written(*, teacher_id: UUID, since: datetime | None) -> list[Written]:
    """Return what students say about a teacher's courses now, all of it or only what is that new."""
    columns = [getattr(Review, field.name) for field in fields(Written)]
    query = select(*columns).where(Review.teacher_id == teacher_id, Review.current_key.is_not(None))
    if since is not None:
        query = query.where(Review.created_at >= since)
    return [Written(*row) for row in db.session.execute(query)]


def first_words(*, teacher_id: UUID, since: datetime | None) -> dict[Pair, datetime]:
    """Return when students first said something about a teacher's courses, deleted since or not.

    With `since` those who had said something before then are left out.
    """
    first_at = func.min(Review.created_at)
    query = select(Review.student_id, Review.course_id, first_at).where(Review.teacher_id == teacher_id)
    query = query.group_by(Review.student_id, Review.course_id)
    if since is not None:
        query = query.having(first_at >= since)
    return {(student_id, course_id): come_at for student_id, course_id, come_at in db.session.execute(query)}


def versions(review_ids: Collection[UUID]) -> Iterator[ReviewVersion]:
    """Return what these reviews said before they were edited."""
    for (version,) in _in_parts(
        review_ids, lambda ids: select(ReviewVersion).where(ReviewVersion.review_id.in_(ids))
    ):
        yield version


def accounts(student_ids: Collection[UUID]) -> dict[UUID, Account]:
    """Return the accounts of these students."""
    rows = _in_parts(
        student_ids, lambda ids: select(User.id, User.created_at, User.state).where(User.id.in_(ids))
    )
    return {student_id: Account(joined_at, state == SUSPENDED) for student_id, joined_at, state in rows}


def with_wallet_of(teacher_id: UUID, student_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these students have the teacher's wallet address, whatever its letter case."""
    teacher = aliased(User)

    def same(ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
        is_same = func.lower(teacher.wallet_address) == func.lower(User.wallet_address)
        return select(User.id).join(teacher, is_same).where(teacher.id == teacher_id, User.id.in_(ids))

    return {row.id for row in _in_parts(student_ids, same)}


def at_home_of(teacher_id: UUID, student_ids: Collection[UUID], *, since: datetime) -> dict[UUID, bool]:
    """Return which of these students signed in from an address of the teacher's since then.

    The value tells whether they did so with the same browser too.
    """
    theirs = aliased(TokenFamily)
    is_device = func.max(case((theirs.agent_hash == TokenFamily.agent_hash, 1), else_=0))

    def same(ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
        return (
            select(TokenFamily.user_id, is_device)
            .join(theirs, theirs.address_hash == TokenFamily.address_hash)
            .where(theirs.user_id == teacher_id, TokenFamily.user_id.in_(ids))
            .where(theirs.created_at >= since, TokenFamily.created_at >= since)
            .group_by(TokenFamily.user_id)
        )

    return {student_id: bool(device) for student_id, device in _in_parts(student_ids, same)}


def spent(teacher_id: UUID, student_ids: Collection[UUID]) -> dict[UUID, Spent]:
    """Return what these students spent, altogether and with the teacher."""
    total: dict[UUID, int] = {}
    with_teacher: dict[UUID, int] = {}
    for sign, statement in ((1, _paid), (-1, _given_back)):
        for student_id, to, minor in _in_parts(student_ids, statement):
            total[student_id] = total.get(student_id, 0) + sign * int(minor)
            if to == teacher_id:
                with_teacher[student_id] = with_teacher.get(student_id, 0) + sign * int(minor)
    return {student_id: Spent(with_teacher.get(student_id, 0), minor) for student_id, minor in total.items()}


def _paid(student_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(WatchSession.student_id, WatchSession.teacher_id, func.sum(WatchSession.cost_minor))
        .where(WatchSession.student_id.in_(student_ids), WatchSession.status == "completed")
        .group_by(WatchSession.student_id, WatchSession.teacher_id)
    )


def _given_back(student_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(WatchSession.student_id, WatchSession.teacher_id, func.sum(Refund.amount_minor))
        .join(Refund, Refund.hold_id == WatchSession.hold_id)
        .where(WatchSession.student_id.in_(student_ids))
        .group_by(WatchSession.student_id, WatchSession.teacher_id)
    )


def courses_reviewed(teacher_id: UUID, student_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return of how many of the teacher's courses these students say something."""

    def said(ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
        return (
            select(Review.student_id, func.count())
            .where(Review.student_id.in_(ids), Review.teacher_id == teacher_id)
            .where(Review.current_key.is_not(None))
            .group_by(Review.student_id)
        )

    return dict(_in_parts(student_ids, said))


def first_with(hashes: Collection[str]) -> dict[str, tuple[UUID, UUID]]:
    """Return who was the first to say these words, by the hash of the words: review and student.

    A review that was edited says its words since the first of its versions with them.
    """
    said_before = and_(ReviewVersion.review_id == Review.id, ReviewVersion.comment == Review.comment)
    since = select(func.min(ReviewVersion.written_at)).where(said_before).scalar_subquery()

    def saying(some: Sequence[str]) -> Select[*tuple[Any, ...]]:
        said_at = func.coalesce(since, Review.updated_at).label("said_at")
        query = select(Review.text_hash, Review.id, Review.student_id, said_at)
        return query.where(Review.text_hash.in_(some)).order_by(said_at.desc(), Review.id.desc())

    return {key: (review_id, student_id) for key, review_id, student_id, _ in _in_parts(hashes, saying)}


def traces(student_ids: Collection[UUID], *, course_id: UUID) -> dict[UUID, list[list[Any]]]:
    """Return the moments that these students left behind in a course."""

    def left(ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
        query = select(WatchTrace.student_id, WatchTrace.points)
        return query.where(WatchTrace.course_id == course_id, WatchTrace.student_id.in_(ids))

    return dict(_in_parts(student_ids, left))


def standing(review_ids: Collection[UUID]) -> dict[UUID, list[ReviewSignal]]:
    """Return every signal of these reviews, also what was cleared."""
    found: dict[UUID, list[ReviewSignal]] = {review_id: [] for review_id in review_ids}

    def raised(ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
        return select(ReviewSignal).where(ReviewSignal.review_id.in_(ids))

    for (signal,) in _in_parts(review_ids, raised):
        found[signal.review_id].append(signal)
    return found


def standing_flag(*, student_id: UUID, course_id: UUID) -> ReviewSignal | None:
    """Return the flag of an administrator that holds in all that a student says about a course."""
    query = (
        select(ReviewSignal)
        .join(Review, Review.id == ReviewSignal.review_id)
        .where(Review.student_id == student_id, Review.course_id == course_id)
        .where(ReviewSignal.kind == ADMIN, ReviewSignal.cleared_at.is_(None))
    )
    return db.session.scalar(query.order_by(ReviewSignal.noted_at.desc()).limit(1))


def locked_reviews(review_ids: Collection[UUID]) -> Sequence[Review]:
    """Return these reviews, their rows locked one after the other until the transaction ends."""
    query = select(Review).where(Review.id.in_(review_ids)).order_by(Review.id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def visits(*, student_id: UUID, course_id: UUID) -> list[UUID]:
    """Return the student's settled sessions on a course in their order."""
    query = select(WatchSession.id).where(
        WatchSession.student_id == student_id,
        WatchSession.course_id == course_id,
        WatchSession.status == "completed",
    )
    return list(db.session.scalars(query.order_by(WatchSession.created_at, WatchSession.id)))


def _in_parts(
    keys: Collection[K], statement: Callable[[Sequence[K]], Select[*tuple[Any, ...]]]
) -> Iterator[Any]:
    wanted = list(dict.fromkeys(keys))
    for begin in range(0, len(wanted), AT_ONCE):
        yield from db.session.execute(statement(wanted[begin : begin + AT_ONCE]))
