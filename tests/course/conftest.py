"""The people of the course tests."""

import pytest
from flask.testing import FlaskClient

from tests.auth.people import Person, sign_up


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
    """A student."""
    return sign_up(client, "stan@example.org", "student")
