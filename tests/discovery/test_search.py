"""Searching over HTTP."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from murph.core.ids import new_id
from murph.course.service.rating import note_rating
from murph.discovery.service import indexing
from tests.auth.people import Person
from tests.course.builders import COURSES, create_course, published_course

SEARCH = "/api/v1/discovery/search"
Work = Callable[[], None]


def titles(client: FlaskClient, q: str, **query: Any) -> list[str]:
    answer = client.get(SEARCH, query_string={"q": q, **query})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [item["title"] for item in answer.get_json()["items"]]


@pytest.mark.both_databases
def test_a_published_course_is_found_by_forms_of_its_words(
    client: FlaskClient, tess: Person, work: Work
) -> None:
    published_course(client, tess, title="Compounding interests")
    create_course(client, tess, title="Compound drafts")
    work()
    assert titles(client, "compound interest") == ["Compounding interests"]


@pytest.mark.both_databases
def test_what_is_taken_off_the_market_is_not_found_even_before_the_index_follows(
    client: FlaskClient, tess: Person, work: Work
) -> None:
    course = published_course(client, tess, title="Compound interest")
    work()
    client.post(f"{COURSES}/{course['id']}/unpublish", headers=tess.headers)
    assert titles(client, "compound") == []
    work()
    assert titles(client, "compound") == []


@pytest.mark.both_databases
def test_a_course_is_found_by_what_it_says_now(client: FlaskClient, tess: Person, work: Work) -> None:
    course = published_course(client, tess, title="Compound interest")
    work()
    assert titles(client, "compound") == ["Compound interest"]
    changed = client.put(f"{COURSES}/{course['id']}", json={"title": "Ledgers"}, headers=tess.headers)
    assert changed.status_code == 200
    work()
    assert titles(client, "ledger") == ["Ledgers"]
    assert titles(client, "compound") == []


def test_who_has_read_an_earlier_state_of_a_course_does_not_write_over_a_later_one(
    client: FlaskClient, tess: Person, work: Work
) -> None:
    course = published_course(client, tess, title="Compound interest")
    work()
    late = UUID(course["id"])
    indexing.store(course_id=late, content=None, due_ids=[new_id()])  # what it was due for is done
    assert titles(client, "compound") == ["Compound interest"]


def test_of_two_courses_the_rating_that_can_be_relied_on_counts(
    client: FlaskClient, tess: Person, otto: Person, work: Work
) -> None:
    praised, proven = (
        UUID(published_course(client, teacher, title="Compound interest")["id"]) for teacher in (tess, otto)
    )
    work()
    note_rating(course_id=praised, rating=4.9, rank=2.0, raw_mean=5.0, count=1)
    note_rating(course_id=proven, rating=4.5, rank=4.4, raw_mean=4.5, count=900)
    found = client.get(SEARCH, query_string={"q": "interest"}).get_json()["items"]
    assert [item["course_id"] for item in found] == [str(proven), str(praised)]
    note_rating(course_id=praised, rating=4.9, rank=4.6, raw_mean=4.9, count=5_000)
    found = client.get(SEARCH, query_string={"q": "interest"}).get_json()["items"]
    assert [item["course_id"] for item in found] == [str(praised), str(proven)]


@pytest.mark.both_databases
def test_a_teacher_is_found_by_the_name_of_today(client: FlaskClient, tess: Person, work: Work) -> None:
    published_course(client, tess, title="Compound interest")
    work()
    client.put("/api/v1/auth/me", json={"name": "Zenobia Quill"}, headers=tess.headers)
    work()
    assert titles(client, "zenobia") == ["Compound interest"]


def test_a_score_tells_what_answers_from_what_is_only_nearest(
    client: FlaskClient, tess: Person, work: Work
) -> None:
    client.put("/api/v1/auth/me", json={"name": "Alexis Cook"}, headers=tess.headers)
    published_course(client, tess, title="Compound interest")
    work()
    right, wrong = (
        client.get(SEARCH, query_string={"q": asked}).get_json()["items"][0]["match_score"]
        for asked in ("interest", "cooking")
    )
    assert wrong < 0.45 < right


@pytest.mark.both_databases
def test_the_figures_of_a_suggestion_are_those_of_the_course(
    client: FlaskClient, tess: Person, work: Work
) -> None:
    course = published_course(client, tess, title="Compound interest", level="beginner", language="en")
    work()
    (found,) = client.get(SEARCH, query_string={"q": "interest"}).get_json()["items"]
    assert found["course_id"] == course["id"]
    assert found["price_per_minute"] == course["price_per_minute"]
    assert found["price_to_finish"] == course["price_to_finish"]
    assert found["duration_seconds"] == course["total_duration_seconds"]
    assert found["teacher_name"] == course["teacher_name"]
    assert found["rating"] is None
    assert "found in it: interest" in found["reason"].lower()


@pytest.mark.both_databases
def test_a_filter_keeps_what_says_it_and_nothing_else(client: FlaskClient, tess: Person, work: Work) -> None:
    published_course(client, tess, title="Interest one", level="beginner", price_per_minute="1.00")
    published_course(client, tess, title="Interest two", level="advanced", price_per_minute="3.00")
    published_course(client, tess, title="Interest three", price_per_minute="2.00")
    work()
    assert titles(client, "interest", level="beginner") == ["Interest one"]
    assert set(titles(client, "interest", max_price="2.00")) == {"Interest one", "Interest three"}
    assert titles(client, "interest", min_rating="4") == []


def test_at_most_two_courses_of_one_teacher_stand_among_the_first_five(
    client: FlaskClient, tess: Person, otto: Person, work: Work
) -> None:
    for number in range(5):
        published_course(client, tess, title=f"Interest {number}")
    for number in range(3):
        published_course(client, otto, title="Other", description=f"Something about interest {number}")
    work()
    found = client.get(SEARCH, query_string={"q": "interest"}).get_json()["items"]
    first = [item["teacher_id"] for item in found[:4]]
    assert first.count(str(tess.id)) == 2
    assert len(found) == 8


def test_typing_ahead_completes_titles_categories_and_teachers(
    client: FlaskClient, tess: Person, work: Work
) -> None:
    course = published_course(client, tess, title="Compound interest")
    work()

    def completed(q: str) -> list[tuple[str, str, str | None]]:
        items = client.get("/api/v1/discovery/suggest", query_string={"q": q}).get_json()["items"]
        return [(item["text"], item["kind"], item["course_id"]) for item in items]

    assert completed("inter") == [("Compound interest", "course", course["id"])]
    assert completed("math") == [("Mathematics", "category", None)]
    assert completed("zzz") == []
