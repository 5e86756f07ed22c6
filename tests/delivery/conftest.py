"""The people of the delivery tests, courses with a film, and a clock."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from murph.media.models import MP4
from tests.auth.people import Person, sign_up
from tests.delivery.builders import Film, film
from tests.session.builders import fund


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
def movie(client: FlaskClient, tess: Person) -> Film:
    """A course at 3.00 a minute with one video of two minutes, in ten windows."""
    return film(client, tess, price_per_minute="3.00")


@pytest.fixture
def file(client: FlaskClient, tess: Person) -> Film:
    """The same as the bytes of an MP4, in ten windows of six seconds."""
    return film(client, tess, mode=MP4, price_per_minute="3.00")


@pytest.fixture
def course(movie: Film) -> dict[str, Any]:
    """The course of the film."""
    return movie.course


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
