"""What a verb of a session keeps others from, and what it does not."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from murph.core.db import db
from murph.course import queries as courses
from murph.session import queries
from tests.auth.people import Person
from tests.session.builders import start
from tests.support.databases import impatient

pytestmark = pytest.mark.only_mariadb


def locked(**rows: UUID) -> set[str]:
    """Return in which of these tables, named with a row of theirs, nobody else may change the row now."""
    found = set()
    with db.engine.connect() as other:
        for table, key in rows.items():
            column = "session_id" if table == "session_meter" else "id"
            query = text(f"SELECT 1 FROM {table} WHERE {column} = :key FOR UPDATE NOWAIT")
            try:
                other.execute(query, {"key": key.hex})
            except OperationalError:
                found.add(table)
            other.rollback()
    return found


def test_a_session_is_locked_with_its_meter_and_nothing_that_is_shown_beside(
    client: FlaskClient, stan: Person, tess: Person, course: dict[str, Any]
) -> None:
    session_id = UUID(start(client, stan, course)["id"])
    session = queries.locked_with_meter(session_id)
    assert session is not None
    assert (session.course_title, session.teacher_name) == (course["title"], course["teacher_name"])
    rows = {"watch_session": session_id, "session_meter": session_id, "user": tess.id}
    assert locked(**rows, course=UUID(course["id"])) == {"watch_session", "session_meter"}


def test_who_waits_for_a_session_does_not_keep_others_from_its_meter(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session_id = UUID(start(client, stan, course)["id"])
    with db.engine.connect() as other:
        other.execute(text("SELECT 1 FROM watch_session WHERE id = :key FOR UPDATE"), {"key": session_id.hex})
        with impatient(), pytest.raises(OperationalError):
            queries.locked_with_meter(session_id)
        assert locked(session_meter=session_id) == set()
        other.rollback()


def test_a_course_is_locked_alone_when_it_is_changed(tess: Person, course: dict[str, Any]) -> None:
    found = courses.locked_full_course(UUID(course["id"]))
    assert found is not None
    rows = {"course": found.id, "user": tess.id, "category": found.category_id, "video": found.videos[0].id}
    assert locked(**rows) == {"course"}
