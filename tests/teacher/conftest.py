"""The people of the desk's tests."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.auth.people import Person, sign_up
from tests.course.builders import published_course
from tests.session.builders import fund


@pytest.fixture
def tess(client: FlaskClient) -> Person:
    """A teacher."""
    return sign_up(client, "tess@example.org", "teacher")


@pytest.fixture
def stan(client: FlaskClient) -> Person:
    """A student with 500.00."""
    stan = sign_up(client, "stan@example.org", "student")
    fund(stan, 50_000)
    return stan


@pytest.fixture
def course(client: FlaskClient, tess: Person) -> dict[str, Any]:
    """A published course at 3.00 a minute: one video of ten minutes."""
    return published_course(client, tess, price_per_minute="3.00")
