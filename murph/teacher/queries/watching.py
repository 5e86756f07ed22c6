"""Reading what was watched: sessions and slices, and what the desk has made of them."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import String, Table, Text, func, select, type_coerce

from murph.core.db import db, insert_if_absent
from murph.course.models import Course, Video
from murph.session.models import WatchSession, WatchSlice
from murph.teacher.models import DeskDue, Learner, PublishedCurve, Retention, Viewer

Runs = dict[UUID, dict[UUID, list[list[int]]]]
"""Watched stretches by student and video."""


def locked_learners(course_id: UUID, student_ids: Collection[UUID]) -> dict[UUID, Learner]:
    """Return what the desk has of these students on a course, the rows locked until the transaction ends."""
    missing = [
        {"course_id": course_id, "student_id": i, "paid_sessions": 0, "had_preview": False, "days": 0}
        for i in sorted(student_ids)
    ]
    insert_if_absent(cast(Table, Learner.__table__), missing)
    query = select(Learner).where(Learner.course_id == course_id, Learner.student_id.in_(student_ids))
    locked = query.order_by(Learner.student_id).with_for_update().execution_options(populate_existing=True)
    return {learner.student_id: learner for learner in db.session.scalars(locked)}


def visits(course_id: UUID, student_ids: Collection[UUID]) -> Sequence[Any]:
    """Return the settled sessions of these students on a course."""
    query = select(
        WatchSession.id,
        WatchSession.student_id,
        WatchSession.status,
        WatchSession.used_ms,
        WatchSession.cost_minor,
        WatchSession.started_at,
    ).where(WatchSession.course_id == course_id, WatchSession.student_id.in_(student_ids))
    return db.session.execute(query.where(WatchSession.settled_at.is_not(None))).all()


def runs(students: Mapping[str, UUID]) -> Runs:
    """Return all that was watched in some sessions, whose ids, in hexadecimal, say whose they are.

    There may be very many slices, so ids and stretches of one are not looked at one by one.
    """
    texts: dict[UUID, list[str]] = defaultdict(list)
    query = select(type_coerce(WatchSlice.session_id, String), type_coerce(WatchSlice.runs, Text))
    for session_id, text in db.session.execute(
        query.where(type_coerce(WatchSlice.session_id, String).in_(students))
    ):
        texts[students[session_id]].append(text)
    return {student_id: _joined(json.loads(f"[{','.join(some)}]")) for student_id, some in texts.items()}


def _joined(slices: list[dict[str, list[list[int]]]]) -> dict[UUID, list[list[int]]]:
    found: dict[str, list[list[int]]] = defaultdict(list)
    for watched in slices:
        for video_id, stretches in watched.items():
            found[video_id] += stretches
    return {UUID(video_id): stretches for video_id, stretches in found.items()}


def locked_retention(durations: Mapping[UUID, int], empty: Any) -> dict[UUID, Retention]:
    """Return the curves of these videos, locked; those that are missing are begun as `empty` says."""
    begun = [
        {"video_id": video_id, "duration_ms": duration_ms, **empty(duration_ms)}
        for video_id, duration_ms in sorted(durations.items())
    ]
    if not begun:
        return {}
    insert_if_absent(cast(Table, Retention.__table__), begun)
    query = select(Retention).where(Retention.video_id.in_(durations)).order_by(Retention.video_id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return {found.video_id: found for found in db.session.scalars(locked)}


def published(video_ids: Collection[UUID]) -> dict[UUID, PublishedCurve]:
    """Return what is shown of these videos."""
    query = select(PublishedCurve).where(PublishedCurve.video_id.in_(video_ids))
    read_anew = query.execution_options(populate_existing=True)
    return {shown.video_id: shown for shown in db.session.scalars(read_anew)}


def traces(course_id: UUID, student_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], Any]:
    """Return the stored traces of these students on a course by student and video."""
    query = select(Viewer.student_id, Viewer.video_id, Viewer.trace)
    query = query.where(Viewer.course_id == course_id, Viewer.student_id.in_(student_ids))
    return {(row.student_id, row.video_id): row.trace for row in db.session.execute(query)}


def traces_of_video(video_id: UUID) -> Iterator[Any]:
    """Yield all stored traces of a video."""
    yield from db.session.scalars(select(Viewer.trace).where(Viewer.video_id == video_id))


def next_due_course(until: datetime, *, without: Collection[UUID]) -> UUID | None:
    """Return a course that something is due of since `until` or before, other than those `without`."""
    query = select(DeskDue.course_id).where(DeskDue.created_at <= until, DeskDue.course_id.not_in(without))
    return db.session.scalar(query.order_by(DeskDue.id).limit(1))


def due(course_id: UUID, until: datetime, *, limit: int) -> list[UUID]:
    """Return the ids of what is due of a course since `until` or before."""
    query = select(DeskDue.id).where(DeskDue.course_id == course_id, DeskDue.created_at <= until)
    return list(db.session.scalars(query.limit(limit)))


def locked_due(ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the students of what is due, by its id, locked; what another worker has is left out."""
    query = select(DeskDue.id, DeskDue.student_id).where(DeskDue.id.in_(ids))
    rows = db.session.execute(query.with_for_update(skip_locked=True))
    return {row.id: row.student_id for row in rows}


def due_students(course_id: UUID) -> set[UUID]:
    """Return whose watching of a course is due to be counted."""
    return set(db.session.scalars(select(DeskDue.student_id).where(DeskDue.course_id == course_id)))


def students_of_video(video_id: UUID) -> list[UUID]:
    """Return who left a trace on a video."""
    return list(db.session.scalars(select(Viewer.student_id).where(Viewer.video_id == video_id)))


def students_of_course(course_id: UUID) -> list[UUID]:
    """Return who had a session on a course that is settled."""
    query = select(WatchSession.student_id).where(WatchSession.course_id == course_id)
    return list(db.session.scalars(query.where(WatchSession.settled_at.is_not(None)).distinct()))


def known_students(course_id: UUID) -> list[UUID]:
    """Return whom the desk knows of on a course."""
    return list(db.session.scalars(select(Learner.student_id).where(Learner.course_id == course_id)))


def figures(course_id: UUID, student_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what is stored of these students beside their traces."""
    query = select(Learner.student_id, Learner.paid_sessions, Learner.had_preview, Learner.days)
    query = query.where(Learner.course_id == course_id, Learner.student_id.in_(student_ids))
    rows = db.session.execute(query)
    return {
        row.student_id: {
            "paid_sessions": row.paid_sessions,
            "had_preview": row.had_preview,
            "days": row.days,
        }
        for row in rows
    }


def videos_with_curves(course_id: UUID) -> list[UUID]:
    """Return the videos of a course that have a curve."""
    query = select(Retention.video_id).join(Video, Video.id == Retention.video_id)
    return list(db.session.scalars(query.where(Video.course_id == course_id)))


def locked_curve(video_id: UUID) -> Retention | None:
    """Return a video's curve, locked until the transaction ends."""
    query = select(Retention).where(Retention.video_id == video_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def courses_with_history(teacher_id: UUID | None = None) -> list[UUID]:
    """Return the courses, of one teacher or of all, that somebody ever opened a session on."""
    query = select(Course.id).where(Course.watchers_count > 0).order_by(Course.id)
    if teacher_id is not None:
        query = query.where(Course.teacher_id == teacher_id)
    return list(db.session.scalars(query))


def count_due() -> int:
    """Return how much is due."""
    return db.session.scalar(select(func.count()).select_from(DeskDue)) or 0
