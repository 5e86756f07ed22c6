"""Lists of courses go by what is certain about a rating, not by the rating."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from murph.review import service
from tests.auth.people import Person
from tests.course.builders import COURSES, published_course
from tests.review.builders import pay_for, review, student

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


def test_five_good_reviews_stand_before_one_best(
    client: FlaskClient, tess: Person, course: dict[str, Any]
) -> None:
    praised_once = published_course(client, tess, price_per_minute="3.00")
    for number, (reviewed, stars) in enumerate([(praised_once, 5), *[(course, 3)] * 5]):
        person = student(client, f"stan{number}")
        pay_for(client, person, reviewed, (0, 600))
        review(client, person, reviewed, stars)
    service.rate_due(at=clock.now())
    found = client.get(f"{COURSES}?sort=rating").get_json()["items"]
    assert [item["id"] for item in found] == [course["id"], praised_once["id"]]
    assert found[0]["rating"] < found[1]["rating"]
