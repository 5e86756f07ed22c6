"""Reading search documents, and the courses they stand for."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import undefer_group

from murph.core.db import SHOWN, db
from murph.course.models import PUBLISHED, Course, Video
from murph.discovery.models import SearchDocument, SearchDue, SearchGeneration

ONLY_ROW = 1


def generation() -> int:
    """Return the number of the newest search document, 0 before the first."""
    return db.session.scalar(select(SearchGeneration.value)) or 0


def locked_generation() -> SearchGeneration:
    """Return the counter of generations, its row locked until the transaction ends."""
    query = select(SearchGeneration).where(SearchGeneration.id == ONLY_ROW)
    return db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def newer_than(generation: int, *, limit: int) -> Sequence[Any]:
    """Return the search documents after a generation, the oldest first."""
    query = select(
        SearchDocument.course_id, SearchDocument.generation, SearchDocument.texts, SearchDocument.facts
    )
    newer = query.where(SearchDocument.generation > generation).order_by(SearchDocument.generation)
    return db.session.execute(newer.limit(limit)).all()


def due(*, after: UUID | None, limit: int) -> dict[UUID, list[UUID]]:
    """Return some courses whose documents have to follow them, each with the rows after one that say so."""
    query = select(SearchDue.course_id, SearchDue.id).order_by(SearchDue.id).limit(limit)
    found: dict[UUID, list[UUID]] = {}
    for course_id, due_id in db.session.execute(
        query if after is None else query.where(SearchDue.id > after)
    ):
        found.setdefault(course_id, []).append(due_id)
    return found


def out_of_step() -> Select[UUID]:
    """Return the courses that can be bought and not found, or found and not bought."""
    document = select(SearchDocument.course_id).where(SearchDocument.texts.is_not(None))
    is_found = Course.id.in_(document)
    return select(Course.id).where(is_found != (Course.state == PUBLISHED))


def offered_by(teacher_id: UUID) -> Select[UUID]:
    """Return the courses of a teacher that can be bought."""
    return select(Course.id).where(Course.teacher_id == teacher_id, Course.state == PUBLISHED)


def courses(course_ids: Collection[UUID], *, min_rating: float | None = None) -> dict[UUID, Course]:
    """Return those of the courses that can be bought now, with names and lengths, by id."""
    query = (
        select(Course)
        .options(undefer_group(SHOWN))
        .where(Course.id.in_(course_ids), Course.state == PUBLISHED)
    )
    if min_rating is not None:
        query = query.where(Course.rating >= min_rating)
    return {course.id: course for course in db.session.scalars(query)}


def cues(course_ids: Collection[UUID]) -> dict[UUID, list[list[Any]]]:
    """Return what is said in the videos of those courses that have captions."""
    if not course_ids:
        return {}
    query = select(SearchDocument.course_id, SearchDocument.cues)
    rows = db.session.execute(
        query.where(SearchDocument.course_id.in_(course_ids), SearchDocument.cues.is_not(None))
    )
    return {row.course_id: row.cues for row in rows}


def lengths_ms(video_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how long these videos are."""
    if not video_ids:
        return {}
    query = select(Video.id, Video.duration_ms).where(Video.id.in_(video_ids))
    return {row[0]: row[1] for row in db.session.execute(query)}
