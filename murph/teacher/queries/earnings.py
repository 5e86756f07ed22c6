"""Reading what a teacher earned: sums of what is folded, and entry by entry what is not yet.

Both come out of one statement, and so of one moment: what it adds up to is what the ledger says then.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Date, Select, Table, case, func, literal, null, select, type_coerce, union_all

from murph.core.db import UuidKey, db, insert_if_absent
from murph.course.models import Course
from murph.review.models import Review
from murph.session.models import WatchSession
from murph.teacher.models import NO_COURSE, EarningDay, EarningFold
from murph.wallet import service as wallet

BY_DAY, BY_COURSE = "day", "course_key"
_SUMMED_BY = (EarningDay.day, EarningDay.course_key, EarningDay.type)


def start_of(day: date) -> datetime:
    """Return the first moment of a day in UTC."""
    return datetime.combine(day, time(), UTC)


def changes(
    teacher_id: UUID,
    *,
    since: date,
    until: date,
    by: Collection[str],
    course_id: UUID | None = None,
) -> Sequence[Any]:
    """Return what changed a teacher's earnings from the day `since` to before the day `until`.

    Rows: day and course_key (None where `by` does not name it), type, change_minor, entries, paid_ms, and
    student_id, which is only told of what is not folded yet. Several rows may belong together.
    """
    day = EarningDay.day if BY_DAY in by else type_coerce(null(), Date)
    course = EarningDay.course_key if BY_COURSE in by else type_coerce(null(), UuidKey)
    sums = (EarningDay.change_minor, EarningDay.entries, EarningDay.paid_ms)
    folded = (
        select(
            day.label("day"),
            course.label("course_key"),
            EarningDay.type.label("type"),
            *(func.sum(column).label(column.key) for column in sums),
            type_coerce(null(), UuidKey).label("student_id"),
        )
        .where(EarningDay.teacher_id == teacher_id, EarningDay.day >= since, EarningDay.day < until)
        .group_by(EarningDay.type, *(getattr(EarningDay, name) for name in by))
    )
    tail = _tail(teacher_id)
    day_found = tail.selected_columns.day
    tail = tail.where(day_found >= since, day_found < until)
    if course_id is not None:
        folded = folded.where(EarningDay.course_key == course_id)
        tail = tail.where(tail.selected_columns.course_key == course_id)
    return db.session.execute(union_all(folded, tail)).all()


def _tail(teacher_id: UUID) -> Select[Any]:
    """Return the entries that are in no sum yet, with the columns of `changes`."""
    entry = wallet.earning_entries(teacher_id).c
    through_seq = select(EarningFold.through_seq).where(EarningFold.teacher_id == teacher_id)
    beyond_seq = func.coalesce(through_seq.scalar_subquery(), 0)
    found = with_origins(entry).where(entry.seq > beyond_seq).subquery().c
    names = ("day", "course_key", "type", "change_minor", "entries", "paid_ms", "student_id")
    return select(*(found[name] for name in names))


def with_origins(entry: Any) -> Select[Any]:
    """Return entries of ``wallet.earning_entries`` with the day, course and student they come from.

    Columns: seq, day, course_key, type, change_minor, entries (1), paid_ms, student_id.
    """
    whole_ms = WatchSession.used_ms - WatchSession.used_ms % 1000
    course_id = func.coalesce(WatchSession.course_id, Review.course_id, NO_COURSE.hex)
    return (
        select(
            entry.seq,
            type_coerce(func.date(entry.created_at), Date).label("day"),
            type_coerce(course_id, UuidKey).label("course_key"),
            entry.type,
            entry.change_minor,
            literal(1).label("entries"),
            case((entry.type == wallet.PAYMENT, func.coalesce(whole_ms, 0)), else_=0).label("paid_ms"),
            WatchSession.student_id,
        )
        .outerjoin(WatchSession, WatchSession.id == entry.session_id)
        .outerjoin(Review, Review.id == entry.review_id)
    )


def next_entries(teacher_id: UUID, *, beyond_seq: int, limit: int) -> Sequence[Any]:
    """Return the first entries after number `beyond_seq`, with their origins."""
    entry = wallet.earning_entries(teacher_id).c
    query = with_origins(entry).where(entry.seq > beyond_seq).order_by(entry.seq)
    return db.session.execute(query.limit(limit)).all()


def first_unfolded_days(teacher_id: UUID, student_ids: Collection[UUID]) -> dict[UUID, date]:
    """Return on which day each of these students, who are in no sum yet, paid first."""
    if not student_ids:
        return {}
    entry = _tail(teacher_id).subquery().c
    paid = select(entry.student_id, func.min(entry.day).label("day")).where(entry.type == wallet.PAYMENT)
    rows = db.session.execute(paid.where(entry.student_id.in_(student_ids)).group_by(entry.student_id))
    return {row.student_id: row.day for row in rows}


def entry_page(
    teacher_id: UUID,
    *,
    since: date,
    until: date,
    course_id: UUID | None,
    limit: int,
    beyond_seq: int,
) -> Sequence[Any]:
    """Return entries in their order, each with its course's title, from number `beyond_seq` on."""
    entry = wallet.earning_entries(teacher_id).c
    query = (
        with_origins(entry)
        .add_columns(
            entry.id,
            entry.created_at,
            entry.currency,
            entry.reference_type,
            entry.reference_id,
            Course.id.label("course_id"),
            Course.title.label("course_title"),
        )
        .outerjoin(Course, Course.id == func.coalesce(WatchSession.course_id, Review.course_id))
        .where(entry.created_at >= start_of(since), entry.created_at < start_of(until))
        .where(entry.seq > beyond_seq)
        .order_by(entry.seq)
    )
    if course_id is not None:
        query = query.where(Course.id == course_id)
    return db.session.execute(query.limit(limit)).all()


def locked_fold(teacher_id: UUID) -> EarningFold:
    """Return how far a teacher's sums are, the row locked until the transaction ends."""
    table = cast(Table, EarningFold.__table__)
    insert_if_absent(table, [{"teacher_id": teacher_id, "through_seq": 0}])
    query = select(EarningFold).where(EarningFold.teacher_id == teacher_id).with_for_update()
    return db.session.execute(query.execution_options(populate_existing=True)).scalar_one()


def unfolded_teachers() -> list[UUID]:
    """Return the teachers who earned something that their sums do not have yet."""
    last = wallet.last_earning_seqs().subquery().c
    query = select(last.owner).outerjoin(EarningFold, EarningFold.teacher_id == last.owner)
    return list(db.session.scalars(query.where(last.seq > func.coalesce(EarningFold.through_seq, 0))))


def teachers() -> list[UUID]:
    """Return everybody who ever earned something."""
    last = wallet.last_earning_seqs().subquery().c
    return sorted(db.session.scalars(select(last.owner)))


def folded(teacher_id: UUID) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """Return all of a teacher's sums by day, course and type."""
    query = select(*_SUMMED_BY, EarningDay.change_minor, EarningDay.entries, EarningDay.paid_ms)
    rows = db.session.execute(query.where(EarningDay.teacher_id == teacher_id))
    return {tuple(row[:3]): tuple(row[3:]) for row in rows}


def added_up(teacher_id: UUID, beyond_seq: int, through_seq: int) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """Return sums as `folded` has them, added up by the database from the ledger's own entries of a range."""
    entry = wallet.earning_entries(teacher_id).c
    some = with_origins(entry).where(entry.seq > beyond_seq, entry.seq <= through_seq)
    found = some.subquery().c
    groups = (found.day, found.course_key, found.type)
    sums = (func.sum(found.change_minor), func.count(), func.sum(found.paid_ms))
    rows = db.session.execute(select(*groups, *sums).group_by(*groups))
    return {tuple(row[:3]): tuple(map(int, row[3:])) for row in rows}


def paying_days(teacher_id: UUID, beyond_seq: int, through_seq: int) -> Sequence[Any]:
    """Return on which days which students paid a teacher, by the ledger's entries of a range."""
    entry = wallet.earning_entries(teacher_id).c
    some = with_origins(entry).where(entry.seq > beyond_seq, entry.seq <= through_seq)
    found = some.where(entry.type == wallet.PAYMENT).subquery().c
    query = select(found.day, found.student_id).where(found.student_id.is_not(None))
    return db.session.execute(query.distinct()).all()


def course_titles(course_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the titles of these courses."""
    query = select(Course.id, Course.title).where(Course.id.in_(course_ids))
    return {row.id: row.title for row in db.session.execute(query)}
