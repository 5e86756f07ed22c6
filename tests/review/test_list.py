"""The reviews of a course, in their orders, and what they come to."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from murph.review import service
from tests.auth.people import Person
from tests.course.builders import COURSES, create_course, published_course, refusal
from tests.review.builders import API, pay_for, review, student
from tests.review.conftest import Hand


def listed(client: FlaskClient, course: dict[str, Any], **query: Any) -> dict[str, Any]:
    answer = client.get(f"{API}/courses/{course['id']}/reviews", query_string=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def said(client: FlaskClient, course: dict[str, Any], **query: Any) -> list[str]:
    return [item["comment"] for item in listed(client, course, **query)["items"]]


@pytest.fixture
def three(client: FlaskClient, course: dict[str, Any], hand: Hand) -> list[dict[str, Any]]:
    """Three reviews: all watched and one star, some of it and five, a little and five."""
    found = []
    for name, seconds, rating in (("all", 600, 1), ("some", 90, 5), ("little", 65, 5)):
        person = student(client, name)
        pay_for(client, person, course, (0, seconds))
        found.append(review(client, person, course, rating, comment=name))
        hand.move(seconds=1)
    service.rate_due(at=clock.now())
    return found


def test_a_course_nobody_reviewed_says_so(client: FlaskClient, course: dict[str, Any]) -> None:
    found = listed(client, course)
    assert (found["items"], found["total"], found["next_cursor"]) == ([], 0, None)
    summary = found["summary"]
    assert (summary["rating"], summary["lower_bound"], summary["rating_raw"]) == (None, None, None)
    assert (summary["note"], summary["count"]) == ("no credible reviews yet", 0)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", ["little", "some", "all"]),
        ("credible", ["all", "some", "little"]),
        ("rating", ["little", "some", "all"]),
    ],
)
def test_the_orders(
    client: FlaskClient, course: dict[str, Any], three: Any, sort: str, expected: list[str]
) -> None:
    assert said(client, course, sort=sort) == expected
    pages, cursor = [], None
    for _ in expected:
        page = listed(client, course, sort=sort, limit=1, **({"cursor": cursor} if cursor else {}))
        pages += [item["comment"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert (pages, cursor) == (expected, None)


def test_what_was_flagged_is_the_least_credible(
    client: FlaskClient, course: dict[str, Any], three: list[dict[str, Any]]
) -> None:
    service.flag(review_id=UUID(three[0]["id"]), reason="sold on a forum", at=clock.now())
    assert said(client, course, sort="credible") == ["some", "little", "all"]


def test_both_addresses_list_the_same(client: FlaskClient, course: dict[str, Any], three: Any) -> None:
    other = client.get(f"{API}/reviews/courses/{course['id']}/reviews").get_json()
    assert other == listed(client, course)


def test_a_cursor_of_another_order_is_refused(
    client: FlaskClient, course: dict[str, Any], three: Any
) -> None:
    cursor = listed(client, course, limit=1)["next_cursor"]
    path = f"{API}/courses/{course['id']}/reviews"
    answer = client.get(path, query_string={"cursor": cursor, "sort": "rating"})
    assert refusal(answer) == (400, "bad_cursor")


def test_the_summary_has_both_means_and_what_the_reviews_weigh(
    client: FlaskClient, course: dict[str, Any], three: list[dict[str, Any]]
) -> None:
    found = listed(client, course)
    weights = {item["comment"]: item["weight"] for item in found["items"]}
    assert weights["all"] == 1 > weights["some"] > weights["little"]
    summary = found["summary"]
    total = sum(weights.values())
    mean = (15 + weights["all"] + 5 * (weights["some"] + weights["little"])) / (5 + total)
    assert summary["rating"] == pytest.approx(mean, abs=0.006)
    assert summary["effective_count"] == pytest.approx(
        total**2 / sum(weight**2 for weight in weights.values()), abs=0.06
    )
    assert 1 <= summary["lower_bound"] < summary["rating"]
    assert (summary["rating_raw"], summary["count"], found["total"]) == (3.67, 3, 3)
    assert summary["histogram"] == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 2}
    assert (summary["usual"], summary["note"]) == (3, None)


def test_weights_fall_by_half_in_a_year(
    client: FlaskClient, course: dict[str, Any], three: Any, hand: Hand
) -> None:
    hand.move(days=365)
    assert listed(client, course)["items"][-1]["weight"] == 0.5
    assert service.rate_due(at=clock.now()) == 1  # daily, whether or not something changed
    fresh = listed(client, course)["summary"]
    assert fresh["rating_raw"] == 3.67


def test_a_review_tells_no_more_than_it_should(
    client: FlaskClient, course: dict[str, Any], three: Any
) -> None:
    text = client.get(f"{API}/courses/{course['id']}/reviews").text
    assert "example.org" not in text
    assert "student_id" not in text


def test_students_find_their_own_review(client: FlaskClient, course: dict[str, Any], hand: Hand) -> None:
    sara, stan = student(client, "sara"), student(client, "stanley")
    for person in (sara, stan):
        pay_for(client, person, course, (0, 90))
    former = review(client, stan, course, 3, comment="former")
    hand.move(minutes=10)
    pay_for(client, stan, course, (100, 200))
    review(client, sara, course, 4, comment="sara")
    hand.move(seconds=1)
    assert review(client, stan, course, 5, comment="latest")["is_mine"] is True
    assert former["is_mine"] is True
    path = f"{API}/courses/{course['id']}/reviews"
    seen = client.get(path, headers=stan.headers).get_json()["items"]
    assert [(item["comment"], item["is_mine"]) for item in seen] == [("latest", True), ("sara", False)]
    assert [item["is_mine"] for item in listed(client, course)["items"]] == [False, False]
    own = client.get(path, query_string={"mine": "true"}, headers=stan.headers).get_json()
    assert ([item["comment"] for item in own["items"]], own["total"]) == (["latest"], 1)
    assert own["summary"] == listed(client, course)["summary"]
    assert refusal(client.get(path, query_string={"mine": "true"})) == (401, "authentication_required")


def test_reviews_of_a_draft_are_for_its_teacher(client: FlaskClient, tess: Person) -> None:
    draft = create_course(client, tess)
    path = f"{API}/courses/{draft['id']}/reviews"
    assert refusal(client.get(path)) == (404, "course_not_found")
    assert client.get(path, headers=tess.headers).status_code == 200


def test_courses_are_sorted_by_what_is_certain_and_filtered_by_the_mean(
    client: FlaskClient, tess: Person, course: dict[str, Any], hand: Hand
) -> None:
    praised, unrated = (published_course(client, tess, title=title) for title in ("Praised", "Unrated"))
    for number in range(2):
        person = student(client, f"fan{number}")
        pay_for(client, person, praised, (0, 600))
        review(client, person, praised, 5)
    sara = student(client, "sara")
    pay_for(client, sara, course, (0, 600))
    review(client, sara, course, 2)
    for _ in range(2):  # what is usual for one is what the other comes to
        hand.move(days=1)
        service.rate_due(at=clock.now())
    by_rating = client.get(COURSES, query_string={"sort": "rating"}).get_json()
    assert [item["title"] for item in by_rating["items"]] == ["Praised", course["title"], "Unrated"]
    first = by_rating["items"][0]["rating"]
    found = client.get(COURSES, query_string={"min_rating": str(first - 0.01)}).get_json()
    assert ([item["title"] for item in found["items"]], found["total"]) == (["Praised"], 1)
    assert unrated["rating"] is None
