"""What watching is held against is not for the teacher to shrink."""

import pytest
from flask.testing import FlaskClient

from tests.auth.people import Person
from tests.course.builders import COURSES, add_video, create_course, publish
from tests.review.builders import API, pay_for, review

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


def test_a_video_made_shorter_makes_nobody_more_credible(
    client: FlaskClient, tess: Person, stan: Person
) -> None:
    draft = create_course(client, tess, price_per_minute="3.00")
    video = add_video(client, tess, draft, duration_seconds=6000)
    course = publish(client, tess, draft)
    pay_for(client, stan, course, (0, 120))
    written = review(client, stan, course, 5)
    path = f"{COURSES}/{course['id']}/videos/{video['id']}"
    for seconds in (200, 100):
        changed = client.put(path, json={"duration_seconds": seconds}, headers=tess.headers)
        assert changed.status_code == 200, changed.text
    pay_for(client, stan, course, (0, 61))
    again = review(client, stan, course, 5)
    assert again["credibility"] < 0.1
    assert client.get(f"{API}/reviews/{written['id']}/explain").get_json()["credibility"] < 0.1
