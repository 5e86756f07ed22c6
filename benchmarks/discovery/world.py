"""The courses of a catalogue file as published courses of one teacher, and students to ask about them."""

from uuid import UUID

from sqlalchemy import Table, insert

from benchmarks.people import PRICE_MINOR, sign_up
from murph.auth import tokens
from murph.auth.models import STUDENT, TEACHER
from murph.core import clock
from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.course import queries
from murph.course.models import EXTERNAL, PUBLISHED, Course, Video
from murph.discovery.engine.documents import Document
from murph.discovery.service import indexing
from murph.gateways.storage import storage

BATCH = 500
MAX_TITLE = 200
LENGTH_MS = 3_600_000


def offer(documents: list[Document], *, currency: str) -> None:
    """Publish a course for every document, and write what it is found by."""
    for first in range(0, len(documents), BATCH):
        course_ids = _offer(documents[first : first + BATCH], currency)
        indexing.note_all(course_ids=course_ids)
        indexing.index_due(storage=storage())


@transactional
def students(count: int) -> list[str]:
    """Sign up students, and return what each shows to be let in."""
    grants = [sign_up(f"asker{number}", STUDENT) for number in range(count)]
    return [tokens.issue(grant)["access_token"] for grant in grants]


@transactional
def _offer(documents: list[Document], currency: str) -> list[UUID]:
    at, category_id = clock.now(), queries.categories()[0].id
    teachers: dict[str, UUID] = {}
    for document in documents:
        if document.teacher not in teachers:
            teachers[document.teacher] = sign_up(f"teacher-{new_id()}", TEACHER).user.id
    course_ids = [new_id() for _ in documents]
    rows = [
        {
            "id": course_id,
            "teacher_id": teachers[document.teacher],
            "category_id": category_id,
            "title": document.texts["title"][:MAX_TITLE],
            "description": document.texts.get("description", ""),
            "price_per_minute_minor": PRICE_MINOR,
            "currency": currency,
            "tags": [],
            "state": PUBLISHED,
            "version": 2,
            "watchers_count": 0,
            "rating_rank": 0.0,
            "rating_count": 0,
            "created_at": at,
            "updated_at": at,
            "published_at": at,
        }
        for course_id, document in zip(course_ids, documents, strict=True)
    ]
    videos = [
        {
            "id": new_id(),
            "course_id": row["id"],
            "title": row["title"],
            "position": 1,
            "kind": EXTERNAL,
            "external_url": "https://videos.example.org/lecture.mp4",
            "duration_ms": LENGTH_MS,
            "created_at": at,
        }
        for row in rows
    ]
    for model, made in ((Course, rows), (Video, videos)):
        table = model.__table__
        assert isinstance(table, Table)
        db.session.execute(insert(table), made)
    return course_ids
