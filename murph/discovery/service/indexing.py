"""Keep the search documents in step with the courses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Self
from uuid import UUID

from sqlalchemy import delete

from murph.core.db import db, release_connection, transactional
from murph.core.queue import enqueue, run_each
from murph.course import queries as courses
from murph.course.models import PUBLISHED, Course
from murph.discovery.engine.spoken import stems_of
from murph.discovery.engine.text import MAX_SPOKEN
from murph.discovery.fitting import main_language
from murph.discovery.models import SearchDocument, SearchDue
from murph.discovery.queries import documents
from murph.gateways.storage.port import ObjectMissing, Storage
from murph.media import captions

BATCH = 50
MAX_CUES = 20_000
MAX_CUE = 500
"""Characters of what is shown at once; the longest lines of subtitles have a hundred."""


@dataclass(frozen=True)
class _Content:
    """What is stored of a course that can be found."""

    texts: dict[str, str]
    facts: dict[str, Any]
    cues: list[list[Any]] | None = None

    def with_cues(self, cues: list[list[Any]]) -> Self:
        """Return it with what is said in the videos."""
        said = " ".join(text for *_, text, _stems in cues)
        return replace(self, texts=self.texts | {"captions": said}, cues=cues)


@transactional
def note_change(*, course_id: UUID) -> None:
    """Note that a course is another than before, and ring for its document to follow."""
    db.session.add(SearchDue(course_id=course_id))
    enqueue("discovery.index_due")


def index_due(*, storage: Storage) -> int:
    """Bring every document that is due in step with its course; return for how many courses that was done.

    One that cannot be, as its captions cannot be read just now, stays due and holds up no other.
    """
    done, after = 0, None
    while due := documents.due(after=after, limit=BATCH):
        done += len(run_each(due.items(), lambda item: _follow(*item, storage=storage)))
        after = max(due_id for due_ids in due.values() for due_id in due_ids)
    return done


def _follow(course_id: UUID, due_ids: Sequence[UUID], *, storage: Storage) -> None:
    course = courses.full_course(course_id)
    is_offered = course is not None and course.state == PUBLISHED
    content = _content(course) if course is not None and is_offered else None
    spoken = _tracks(course) if course is not None and is_offered else []
    release_connection()  # captions are fetched over the network
    if content is not None and spoken:
        cues = (cue for video_id, key in spoken for cue in _cues(video_id, key, storage))
        content = content.with_cues(list(_first(cues)))
    store(course_id=course_id, content=content, due_ids=due_ids)


@transactional
def store(*, course_id: UUID, content: _Content | None, due_ids: Sequence[UUID]) -> None:
    """Store what a course is found by, unless somebody who saw a later change has done so."""
    counter = documents.locked_generation()
    newest = max(due_ids)
    is_mine = db.session.get(SearchDue, newest) is not None
    db.session.execute(delete(SearchDue).where(SearchDue.id.in_(due_ids)))
    if not is_mine:
        return
    counter.value += 1
    document = db.session.get(SearchDocument, course_id) or SearchDocument(course_id=course_id)
    document.generation = counter.value
    document.texts, document.facts, document.cues = (
        (content.texts, content.facts, content.cues) if content else (None, None, None)
    )
    db.session.add(document)


def _content(course: Course) -> _Content:
    texts = {
        "title": course.title,
        "tags": " ".join(course.tags),
        "category": course.category_name,
        "description": course.description,
        "lectures": " . ".join(lecture.title for lecture in course.lectures),
        "teacher": course.teacher_name,
    }
    facts = {
        "teacher_id": str(course.teacher_id),
        "category": course.category_name,
        "level": course.level,
        "language": course.language,
        "price_minor": course.price_per_minute_minor,
        "duration_ms": course.total_duration_ms,
    }
    return _Content({name: text for name, text in texts.items() if text}, facts)


def _tracks(course: Course) -> list[tuple[UUID, str]]:
    """Return where the captions of each video are, those in the course's language where there is a choice."""
    wanted = main_language(course.language or "en")
    found = []
    for video in course.videos:
        if video.is_playable and video.captions:
            track = min(
                video.captions, key=lambda track: (main_language(track.language) != wanted, track.language)
            )
            found.append((video.id, track.object_key))
    return found


def _first(cues: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """Yield as many cues as are read of a course."""
    room = MAX_SPOKEN
    for cue in islice(cues, MAX_CUES):
        room -= len(cue[3])
        if room < 0:
            return
        yield cue


def _cues(video_id: UUID, key: str, storage: Storage) -> list[list[Any]]:
    try:
        spoken = captions.read(storage.read(key))
    except (ObjectMissing, captions.NoCaptions):
        return []
    texts = [cue.text[:MAX_CUE] for cue in spoken]
    return [
        [str(video_id), cue.begin_ms, cue.end_ms, text, stems_of(text)]
        for cue, text in zip(spoken, texts, strict=True)
    ]


@transactional
def note_teacher(*, teacher_id: UUID) -> None:
    """Have the documents of what somebody offers made anew."""
    course_ids = list(db.session.scalars(documents.offered_by(teacher_id)))
    if course_ids:
        note_all(course_ids=course_ids)


@transactional
def note_all(*, course_ids: Sequence[UUID]) -> None:
    """Have the documents of these courses made anew."""
    db.session.add_all([SearchDue(course_id=course_id) for course_id in course_ids])
    enqueue("discovery.index_due")


def note_out_of_step() -> int:
    """Have those courses looked at whose documents do not fit their state; return how many."""
    found = list(db.session.scalars(documents.out_of_step()))
    release_connection()
    if found:
        note_all(course_ids=found)
    return len(found)
