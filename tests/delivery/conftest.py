"""The people of the delivery tests, a course with a file and an external video, and a clock."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from murph.course import service
from tests.auth.people import Person, sign_up
from tests.course.builders import create_course, publish
from tests.session.builders import fund

FILE = bytes(range(256)) * 8


@pytest.fixture
def tess(client: FlaskClient) -> Person:
    """A teacher."""
    return sign_up(client, "tess@example.org", "teacher")


@pytest.fixture
def otto(client: FlaskClient) -> Person:
    """Another teacher."""
    return sign_up(client, "otto@example.org", "teacher")


@pytest.fixture
def stan(client: FlaskClient) -> Person:
    """A student with 50.00."""
    stan = sign_up(client, "stan@example.org", "student")
    fund(stan, 5_000)
    return stan


@pytest.fixture
def sara(client: FlaskClient) -> Person:
    """Another student with 50.00."""
    sara = sign_up(client, "sara@example.org", "student")
    fund(sara, 5_000)
    return sara


@pytest.fixture
def course(app: Flask, client: FlaskClient, tess: Person) -> dict[str, Any]:
    """A published course whose first video is a file."""
    draft = create_course(client, tess)
    add_file(app, draft, tess, "courses/first.mp4", FILE)
    return publish(client, tess, draft)


def add_file(app: Flask, course: dict[str, Any], teacher: Person, key: str, data: bytes) -> None:
    """Store a file and add it to the course."""
    path = app.config["INSTANCE_PATH"] / "media" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    service.add_file_video(
        course_id=UUID(course["id"]),
        teacher_id=teacher.id,
        title="A file",
        storage_key=key,
        content_type="video/mp4",
        duration_ms=172_000,
        at=clock.now(),
    )


@pytest.fixture
def pass_time() -> Iterator[Callable[[timedelta], None]]:
    """Set the clock forward."""
    start = clock.SystemClock().now().replace(microsecond=0)

    class Ahead(clock.SystemClock):
        ahead = timedelta()

        def now(self) -> datetime:
            return start + self.ahead

    ahead = Ahead()
    previous = clock.use(ahead)

    def forward(span: timedelta) -> None:
        ahead.ahead += span

    yield forward
    clock.use(previous)
