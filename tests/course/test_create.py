from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.auth.people import Person
from tests.course.builders import COURSES, VIDEO_URL, content, course_body, create_course, lecture, refusal

DEFAULTS = [
    "Programming",
    "Data Science",
    "Design",
    "Business",
    "Marketing",
    "Languages",
    "Mathematics",
    "Science",
    "Music",
    "Personal Development",
]


def test_the_ten_default_categories_are_there_in_order(client: FlaskClient) -> None:
    assert [item["name"] for item in client.get("/api/v1/categories").get_json()["items"]] == DEFAULTS


def test_a_new_course_is_a_draft_with_everything_the_teacher_said(client: FlaskClient, tess: Person) -> None:
    course = create_course(
        client,
        tess,
        level="beginner",
        language="en",
        tags=["money", "zinsen ß"],
        thumbnail_url="https://images.example.org/a.png",
    )
    expected: dict[str, Any] = {
        "title": "Compound interest",
        "description": "How money grows when interest earns interest.",
        "teacher_id": str(tess.id),
        "teacher_name": "Tess",
        "category_name": "Mathematics",
        "price_per_minute": "2.00",
        "currency": "USD",
        "level": "beginner",
        "language": "en",
        "tags": ["money", "zinsen ß"],
        "thumbnail_url": "https://images.example.org/a.png",
        "status": "draft",
        "rating": None,
        "rating_raw": None,
        "rating_count": 0,
        "watchers_count": 0,
        "total_duration_seconds": 0,
        "price_to_finish": "0.00",
        "published_at": None,
        "videos": [],
        "lectures": [],
        "content_structure": {"lectures": [], "video_id": None, "video_url": None},
    }
    assert {name: course[name] for name in expected} == expected
    assert course["created_at"].endswith("Z")


def test_the_optional_fields_may_be_left_out_or_null(client: FlaskClient, tess: Person) -> None:
    empty = dict.fromkeys(["level", "language", "thumbnail_url", "price_per_minute", "content_structure"])
    course = create_course(client, tess, **empty)
    assert (course["level"], course["price_per_minute"], course["price_to_finish"]) == (None, None, None)
    body = course_body()
    del body["price_per_minute"]
    assert client.post(COURSES, json=body, headers=tess.headers).get_json()["price_per_minute"] is None


def test_a_category_is_named_by_id_or_by_name_in_any_letter_case(client: FlaskClient, tess: Person) -> None:
    music = next(c for c in client.get("/api/v1/categories").get_json()["items"] if c["name"] == "Music")
    for written in (music["id"], music["id"].upper(), "Music", "music", " MUSIC "):
        assert create_course(client, tess, category=written)["category_id"] == music["id"]


def test_only_teachers_create_courses(client: FlaskClient, stan: Person) -> None:
    assert client.post(COURSES, json={}).status_code == 401
    assert refusal(client.post(COURSES, json={}, headers=stan.headers)) == (403, "forbidden")


BAD_FIELDS: dict[str, list[Any]] = {
    "title": ["", "   ", "x" * 201, None, 1, True, ["x"], {}, "a\x00b", "\ud800"],
    "description": ["", " ", "x" * 10_001, None, 1, "a\x07b"],
    "category": ["", "Alchemy", str(uuid4()), None, 1, [], "x" * 61],
    "price_per_minute": ["0", "0.00", "-1", "1.005", "1e3", " 5 ", "1000.01", True, {}, "NaN", "٣", 1.005],
    "level": ["", "expert", 1, "Beginner", []],
    "language": ["", "x" * 36, 1, [], "english", "English", "en_GB", "e", "german-DE"],
    "tags": [None, "money", [""], ["x" * 41], [1], ["t"] * 21, {}],
    "thumbnail_url": ["", "ftp://x.org/a", "javascript:alert(1)", "/a.png", 1, "https://" + "x" * 500],
    "content_structure": ["", [], 1],
    "teacher_id": [str(uuid4())],
    "state": ["published"],
}


@pytest.mark.parametrize("field", BAD_FIELDS)
def test_a_bad_value_is_refused_by_name_on_create_and_on_change(
    client: FlaskClient, tess: Person, field: str
) -> None:
    course = create_course(client, tess)
    for bad in BAD_FIELDS[field]:
        for answer in (
            client.post(COURSES, json=course_body(**{field: bad}), headers=tess.headers),
            client.put(f"{COURSES}/{course['id']}", json={field: bad}, headers=tess.headers),
        ):
            assert refusal(answer) == (422, "validation_failed"), bad
            assert field in answer.get_json()["errors"], bad
    assert client.get(f"{COURSES}?mine=true", headers=tess.headers).get_json()["total"] == 1


@pytest.mark.parametrize("field", ["title", "description", "category"])
def test_a_required_field_must_be_there(client: FlaskClient, tess: Person, field: str) -> None:
    body = course_body()
    del body[field]
    answer = client.post(COURSES, json=body, headers=tess.headers)
    assert refusal(answer) == (422, "validation_failed")
    assert list(answer.get_json()["errors"]) == [field]


def test_the_dearest_and_the_cheapest_minute_are_accepted(client: FlaskClient, tess: Person) -> None:
    for price in ("0.01", "1000.00"):
        assert create_course(client, tess, price_per_minute=price)["price_per_minute"] == price
    assert create_course(client, tess, price_per_minute=3)["price_per_minute"] == "3.00"


def test_a_body_that_is_not_json_is_told_so(client: FlaskClient, tess: Person) -> None:
    as_form = client.post(COURSES, data=course_body(), headers=tess.headers)
    assert refusal(as_form) == (415, "unsupported_media_type")
    broken = client.post(COURSES, data="{", content_type="application/json", headers=tess.headers)
    assert refusal(broken) == (400, "malformed_request")
    bodies: list[Any] = [[], "x", 1, None]
    for other in bodies:
        assert client.post(COURSES, json=other, headers=tess.headers).status_code == 422


BAD_STRUCTURES: list[Any] = [
    content(60, url=None),
    content(60, url="file:///etc/passwd"),
    content(60, url=""),
    {"video_url": VIDEO_URL},
    {"video_url": VIDEO_URL, "lectures": []},
    {"lectures": None},
    {"lectures": {}},
    {"lectures": [1]},
    {"lectures": [lecture("x", 0, 1)] * 501, "video_url": VIDEO_URL},
    {"unknown": 1},
    content(60) | {"video_id": str(uuid4())},
    content(60) | {"video_id": "1"},
]
BAD_LECTURE_CHANGES: list[dict[str, Any]] = [
    {"title": ""},
    {"title": None},
    {"title": "x" * 201},
    {"video_timestamp_start": 60},
    {"video_timestamp_start": 61},
    {"video_timestamp_start": -1},
    {"video_timestamp_start": "0"},
    {"video_timestamp_start": False},
    {"video_timestamp_end": 0},
    {"video_timestamp_end": 86_400.001},
    {"video_timestamp_end": 10**400},
    {"video_timestamp_end": None},
    {"video_timestamp_end": None, "duration_minutes": 0},
    {"video_timestamp_end": None, "duration_minutes": 1441},
    {"duration_minutes": "1"},
    {"video_id": str(uuid4())},
    {"video_id": 1},
    {"id": "1"},
    {"id": True},
    {"unknown": 1},
]


class TestContentStructure:
    def test_it_makes_the_external_video_and_its_lectures(self, client: FlaskClient, tess: Person) -> None:
        course = create_course(client, tess, content_structure=content(90, 150.5))
        (video,) = course["videos"]
        assert (video["type"], video["status"], video["duration_seconds"]) == ("external", "ready", 150.5)
        assert course["content_structure"] == {
            "lectures": course["lectures"],
            "video_id": video["id"],
            "video_url": VIDEO_URL,
        }
        assert course["lectures"] == [
            {
                "id": 1,
                "title": "Part 1",
                "duration_minutes": 1.5,
                "video_timestamp_start": 0,
                "video_timestamp_end": 90,
                "video_id": video["id"],
            },
            {
                "id": 2,
                "title": "Part 2",
                "duration_minutes": 1.008,
                "video_timestamp_start": 90,
                "video_timestamp_end": 150.5,
                "video_id": video["id"],
            },
        ]
        assert course["total_duration_seconds"] == 150.5

    def test_the_price_to_finish_is_the_cost_of_every_whole_second(
        self, client: FlaskClient, tess: Person
    ) -> None:
        course = create_course(client, tess, price_per_minute="0.07", content_structure=content(90, 151.9))
        assert course["price_to_finish"] == "0.17"  # 151 s * 7 / 60 = 17.6, rounded down

    def test_lectures_may_be_described_by_their_lengths_alone(
        self, client: FlaskClient, tess: Person
    ) -> None:
        parts = [{"title": "One", "duration_minutes": 1.5}, {"title": "Two", "duration_minutes": 2}]
        course = create_course(client, tess, content_structure={"lectures": parts, "video_url": VIDEO_URL})
        stretches = [(x["video_timestamp_start"], x["video_timestamp_end"]) for x in course["lectures"]]
        assert stretches == [(0, 90), (90, 210)]
        assert course["total_duration_seconds"] == 210

    def test_lectures_are_numbered_as_they_play_whatever_was_said(
        self, client: FlaskClient, tess: Person
    ) -> None:
        parts = [lecture("Second", 60, 120, id=1), lecture("First", 0, 60, id=2)]
        course = create_course(client, tess, content_structure={"lectures": parts, "video_url": VIDEO_URL})
        assert [(x["id"], x["title"]) for x in course["lectures"]] == [(1, "First"), (2, "Second")]

    def test_an_empty_one_changes_nothing(self, client: FlaskClient, tess: Person) -> None:
        empties: list[Any] = [{}, {"lectures": []}, {"lectures": [], "video_url": None, "video_id": None}]
        for empty in empties:
            assert create_course(client, tess, content_structure=empty)["videos"] == []

    def test_what_makes_no_sense_is_refused_and_nothing_is_kept(
        self, client: FlaskClient, tess: Person
    ) -> None:
        bad_lectures = [[lecture("x", 0, 60) | change] for change in BAD_LECTURE_CHANGES]
        structures = [{"lectures": parts, "video_url": VIDEO_URL} for parts in bad_lectures]
        for bad in BAD_STRUCTURES + structures:
            answer = client.post(COURSES, json=course_body(content_structure=bad), headers=tess.headers)
            assert refusal(answer) == (422, "validation_failed"), bad
            assert "content_structure" in answer.get_json()["errors"], bad
        assert client.get(f"{COURSES}?mine=true", headers=tess.headers).get_json()["items"] == []
