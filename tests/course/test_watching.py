from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from murph.core import clock
from murph.core.db import db, transactional, violated_constraint
from murph.course import service
from murph.course.models import Course, Lecture, Video
from tests.auth.people import Person
from tests.course.builders import (
    COURSES,
    add_video,
    content,
    create_course,
    lecture,
    published_course,
)


def test_a_session_gets_the_price_and_the_videos_in_order(client: FlaskClient, tess: Person) -> None:
    course = published_course(client, tess, content_structure=content(30, 60))
    second = add_video(client, tess, course, duration_seconds=90)
    parts = [*content(30, 60)["lectures"], lecture("Last", 10, 80, video_id=second["id"])]
    client.put(
        f"{COURSES}/{course['id']}", json={"content_structure": {"lectures": parts}}, headers=tess.headers
    )
    found = service.get_for_watching(course_id=UUID(course["id"]))
    assert (found.teacher_id, found.price_per_minute_minor) == (tess.id, 200)
    assert (found.title, found.teacher_name) == (course["title"], course["teacher_name"])
    assert service.get_timeline(course_id=UUID(course["id"])) == (
        service.VideoForWatching(
            UUID(course["videos"][0]["id"]),
            60_000,
            (
                service.LectureForWatching(1, "Part 1", 0, 30_000),
                service.LectureForWatching(2, "Part 2", 30_000, 60_000),
            ),
        ),
        service.VideoForWatching(
            UUID(second["id"]), 90_000, (service.LectureForWatching(3, "Last", 10_000, 80_000),)
        ),
    )


def test_only_a_published_course_can_be_started(client: FlaskClient, tess: Person) -> None:
    draft = UUID(create_course(client, tess, content_structure=content(60))["id"])
    archived = UUID(published_course(client, tess)["id"])
    service.archive(course_id=archived, at=clock.now())
    for course_id in (draft, archived, uuid4()):
        with pytest.raises(service.CourseNotFound):
            service.get_for_watching(course_id=course_id)
        with pytest.raises(service.CourseNotFound):
            service.note_watched(course_id=course_id)
    assert len(service.get_timeline(course_id=archived)) == 1


def test_a_course_that_is_gone_when_its_watcher_is_counted_stops_the_session(
    client: FlaskClient, tess: Person
) -> None:
    course_id = UUID(published_course(client, tess)["id"])

    @transactional
    def start_session() -> None:
        service.get_for_watching(course_id=course_id)
        service.unpublish(course_id=course_id, teacher_id=tess.id, at=clock.now())
        service.note_watched(course_id=course_id)

    with pytest.raises(service.CourseNotFound):
        start_session()
    assert service.get_for_watching(course_id=course_id).teacher_id == tess.id


@pytest.mark.parametrize(
    ("row", "changes", "constraint"),
    [
        (Course, {"price_per_minute_minor": 0}, "ck_course_price"),
        (Course, {"price_per_minute_minor": 100_001}, "ck_course_price"),
        (Course, {"price_per_minute_minor": None}, "ck_course_priced"),
        (Course, {"state": "hidden"}, "ck_course_state"),
        (Course, {"level": "expert"}, "ck_course_level"),
        (Course, {"watchers_count": -1}, "ck_course_watchers"),
        (Video, {"duration_ms": 0}, "ck_video_duration"),
        (Video, {"external_url": None}, "ck_video_source"),
        (Video, {"kind": "file"}, "ck_video_source"),
        (Lecture, {"start_ms": -1}, "ck_lecture_stretch"),
        (Lecture, {"start_ms": 300_000}, "ck_lecture_stretch"),
        (Lecture, {"number": 0}, "ck_lecture_number"),
        (Lecture, {"number": 2}, "uq_lecture_course_id_number"),
    ],
)
def test_the_database_refuses_what_no_course_can_be(
    client: FlaskClient, tess: Person, row: type, changes: dict[str, object], constraint: str
) -> None:
    published_course(client, tess, content_structure=content(300, 600))
    table = row.__table__  # type: ignore[attr-defined]
    with pytest.raises(DBAPIError) as refused:
        db.session.execute(table.update().values(**changes))
    assert violated_constraint(refused.value) == constraint


def test_the_row_is_locked_before_anything_is_decided(client: FlaskClient, tess: Person) -> None:
    course_id = UUID(published_course(client, tess)["id"])
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite locks the whole database instead of rows")
    statements: list[str] = []
    event.listen(
        db.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: statements.append(statement),
    )
    service.unpublish(course_id=course_id, teacher_id=tess.id, at=clock.now())
    assert statements[0].endswith("FOR UPDATE")
