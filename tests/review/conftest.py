"""The people of the reviews' tests."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from tests.auth.people import Person, sign_up
from tests.course.builders import published_course
from tests.review.builders import student


class Hand(clock.SystemClock):
    """A clock whose hand is moved."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def hand(app: object) -> Iterator[Hand]:
    """The wall clock, which stands still until it is moved."""
    standing = Hand()
    previous = clock.use(standing)
    yield standing
    clock.use(previous)


@pytest.fixture
def tess(client: FlaskClient) -> Person:
    """A teacher."""
    return sign_up(client, "tess@example.org", "teacher")


@pytest.fixture
def stan(client: FlaskClient) -> Person:
    """A student with 500.00."""
    return student(client, "stan")


@pytest.fixture
def course(client: FlaskClient, tess: Person) -> dict[str, Any]:
    """A published course at 3.00 a minute: one video of ten minutes."""
    return published_course(client, tess, price_per_minute="3.00")
