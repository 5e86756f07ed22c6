from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from murph.course import service
from tests.auth.people import Person
from tests.course.builders import (
    COURSES,
    add_video,
    content,
    create_course,
    published_course,
    refusal,
)


def found(client: FlaskClient, query: str = "", who: Person | None = None) -> list[str]:
    """Return the titles of a list; its total must agree with them."""
    answer = client.get(f"{COURSES}?{query}", headers=who.headers if who else {})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json()["total"] == len(answer.get_json()["items"])
    assert answer.get_json()["next_cursor"] is None
    return [item["title"] for item in answer.get_json()["items"]]


def test_everybody_sees_what_is_published_newest_first(client: FlaskClient, tess: Person) -> None:
    create_course(client, tess, title="draft")
    for title in ("old", "new"):
        published_course(client, tess, title=title)
    assert found(client) == ["new", "old"]
    assert found(client, who=tess) == ["new", "old"]


def test_newest_means_the_day_of_publishing(client: FlaskClient, tess: Person) -> None:
    early = create_course(client, tess, title="early draft", content_structure=content(60))
    published_course(client, tess, title="late draft")
    client.post(f"{COURSES}/{early['id']}/publish", headers=tess.headers)
    assert found(client) == ["early draft", "late draft"]


def test_a_teacher_also_sees_their_own_drafts(
    client: FlaskClient, tess: Person, otto: Person, stan: Person
) -> None:
    published_course(client, tess, title="published")
    create_course(client, tess, title="draft")
    create_course(client, otto, title="foreign")
    assert found(client, "mine=true", tess) == ["draft", "published"]
    assert found(client, "mine=true", stan) == []
    assert refusal(client.get(f"{COURSES}?mine=true")) == (401, "authentication_required")


def test_a_course_in_a_list_says_what_it_costs_and_whose_it_is(client: FlaskClient, tess: Person) -> None:
    course = published_course(client, tess, price_per_minute="0.50")
    (listed,) = client.get(COURSES).get_json()["items"]
    assert listed == {name: course[name] for name in listed}
    assert (listed["price_to_finish"], listed["total_duration_seconds"]) == ("5.00", 600)
    assert (listed["teacher_name"], listed["category_name"]) == ("Tess", "Mathematics")
    assert not {"videos", "lectures", "content_structure"} & set(listed)


class TestSearch:
    @pytest.fixture(autouse=True)
    def _shelf(self, client: FlaskClient, tess: Person) -> None:
        published_course(client, tess, title="Python by example", description="Snakes", tags=["code"])
        published_course(client, tess, title="Data", description="With PYTHON and 100% rigour")
        published_course(client, tess, title="Chess", description="Openings", tags=["board_game", "Python"])

    @pytest.mark.parametrize(
        ("q", "titles"),
        [
            ("python", ["Python by example", "Chess", "Data"]),
            ("PYTHON rigour", ["Data"]),
            ("rigour  python", ["Data"]),
            ("100%", ["Data"]),
            ("board_game", ["Chess"]),
            ("%", ["Data"]),
            ("_", ["Chess"]),
            ("boardXgame", []),
            ("/", []),
            ("'; DROP TABLE course; --", []),
            ("", ["Chess", "Data", "Python by example"]),
            ("   ", ["Chess", "Data", "Python by example"]),
        ],
    )
    def test_words_are_found_to_the_letter_titles_first(
        self, client: FlaskClient, q: str, titles: list[str]
    ) -> None:
        answer = client.get(COURSES, query_string={"q": q})
        assert [item["title"] for item in answer.get_json()["items"]] == titles


class TestFilters:
    @pytest.fixture(autouse=True)
    def _shelf(self, client: FlaskClient, tess: Person, otto: Person) -> None:
        published_course(client, tess, title="a", price_per_minute="1.00", level="beginner", language="en")
        published_course(
            client,
            otto,
            title="b",
            price_per_minute="2.00",
            level="advanced",
            language="de",
            category="Music",
        )

    def test_each_narrows_the_list(self, client: FlaskClient, tess: Person) -> None:
        categories = client.get("/api/v1/categories").get_json()["items"]
        music = next(c["id"] for c in categories if c["name"] == "Music")
        for query, titles in {
            f"teacher_id={tess.id}": ["a"],
            f"teacher_id={uuid4()}": [],
            f"category={music}": ["b"],
            "category=mathematics": ["a"],
            "category=Alchemy": [],
            "level=beginner": ["a"],
            "language=DE": ["b"],
            "min_price=1.01": ["b"],
            "min_price=0": ["b", "a"],
            "max_price=1": ["a"],
            "min_price=1&max_price=2": ["b", "a"],
            "min_price=3": [],
            "min_rating=1": [],
            "level=beginner&language=de": [],
        }.items():
            assert found(client, query) == titles, query

    def test_a_bad_value_is_refused_by_name(self, client: FlaskClient) -> None:
        for query in (
            "teacher_id=1",
            "level=expert",
            "min_price=x",
            "min_price=-1",
            "max_price=1.005",
            "min_rating=0",
            "min_rating=6",
            "min_rating=nan",
            "mine=perhaps",
            "sort=best",
            "limit=0",
            "limit=101",
            "limit=x",
            f"q={'x' * 201}",
            f"category={'x' * 61}",
            f"language={'x' * 36}",
        ):
            answer = client.get(f"{COURSES}?{query}")
            assert refusal(answer) == (422, "validation_failed"), query
            assert list(answer.get_json()["errors"]) == [query.split("=")[0]]


class TestOrderAndPages:
    @pytest.fixture(autouse=True)
    def _shelf(self, client: FlaskClient, tess: Person) -> None:
        for title, price in (("a", "3.00"), ("b", "1.00"), ("c", "2.00"), ("d", "1.00")):
            course = published_course(client, tess, title=title, price_per_minute=price)
            for _ in range("abcd".index(title) % 2):
                service.note_watched(course_id=UUID(course["id"]))

    @pytest.mark.parametrize(
        ("sort", "titles"),
        [
            ("newest", "dcba"),
            ("relevance", "dcba"),
            ("rating", "dcba"),
            ("price", "dbca"),
            ("popular", "dbca"),
        ],
    )
    def test_pages_add_up_to_the_list_in_every_order(
        self, client: FlaskClient, tess: Person, sort: str, titles: str
    ) -> None:
        for query in (f"sort={sort}", f"sort={sort}&mine=true", f"sort={sort}&q=interest"):
            assert self._leaf_through(client, tess, query) == list(titles), query

    def _leaf_through(self, client: FlaskClient, tess: Person, query: str) -> list[str]:
        titles, cursor = [], ""
        while True:
            answer = client.get(f"{COURSES}?{query}&limit=1{cursor}", headers=tess.headers).get_json()
            titles += [item["title"] for item in answer["items"]]
            assert answer["total"] == 4
            if answer["next_cursor"] is None:
                return titles
            cursor = f"&cursor={answer['next_cursor']}"

    def test_a_page_is_not_moved_by_what_comes_in(self, client: FlaskClient, tess: Person) -> None:
        first = client.get(f"{COURSES}?limit=2").get_json()
        published_course(client, tess, title="e")
        second = client.get(f"{COURSES}?limit=2&cursor={first['next_cursor']}").get_json()
        assert [item["title"] for item in first["items"] + second["items"]] == list("dcba")

    def test_a_cursor_of_another_list_or_of_ones_own_making_is_refused(
        self, client: FlaskClient, tess: Person, otto: Person
    ) -> None:
        cursor = client.get(f"{COURSES}?limit=1").get_json()["next_cursor"]
        mine = client.get(f"{COURSES}?limit=1&mine=true", headers=tess.headers).get_json()["next_cursor"]
        for query, who in (
            (f"sort=price&cursor={cursor}", tess),
            (f"mine=true&cursor={cursor}", tess),
            (f"mine=true&cursor={mine}", otto),
            (f"cursor={cursor[:-1]}", tess),
            ("cursor=x", tess),
        ):
            answer = client.get(f"{COURSES}?{query}", headers=who.headers)
            assert refusal(answer) == (400, "bad_cursor"), query


def test_drafts_without_a_price_are_listed_by_price_too(client: FlaskClient, tess: Person) -> None:
    create_course(client, tess, title="priced")
    create_course(client, tess, title="unpriced", price_per_minute=None)
    assert found(client, "mine=true&sort=price", tess) == ["unpriced", "priced"]


def statements_of(client: FlaskClient, count: Any, path: str, who: Person, **request: Any) -> int:
    with count() as statements:
        assert client.open(path, headers=who.headers, **request).status_code < 300
    return len(statements)


def test_a_list_takes_as_many_statements_for_many_courses_as_for_one(
    client: FlaskClient, tess: Person, count_statements: Any
) -> None:
    published_course(client, tess)
    one = statements_of(client, count_statements, f"{COURSES}?mine=true", tess)
    for _ in range(5):
        published_course(client, tess)
    assert statements_of(client, count_statements, f"{COURSES}?mine=true", tess) == one <= 6


def test_a_course_takes_as_many_statements_with_many_videos_as_with_one(
    client: FlaskClient, tess: Person, count_statements: Any
) -> None:
    course = published_course(client, tess)
    path = f"{COURSES}/{course['id']}"
    requests: tuple[dict[str, Any], ...] = (
        {"path": path},
        {"path": f"{path}/videos"},
        {"path": path, "method": "PUT", "json": {"title": "New"}},
        {"path": f"{path}/unpublish", "method": "POST"},
        {"path": f"{path}/publish", "method": "POST"},
    )
    few = [statements_of(client, count_statements, who=tess, **request) for request in requests]
    for _ in range(5):
        add_video(client, tess, course)
    structure = {"content_structure": content(*range(10, 600, 10))}
    assert client.put(path, json=structure, headers=tess.headers).status_code == 200
    many = [statements_of(client, count_statements, who=tess, **request) for request in requests]
    assert many == few
    assert max(many) <= 8  # one of them notes that search has to follow


FILTERS = [
    "",
    "q=e",
    "sort=relevance&q=e",
    "category=Mathematics",
    "level=beginner",
    "max_price=9",
    "mine=true",
]


def test_a_cursor_under_other_filters_is_refused(client: FlaskClient, tess: Person) -> None:
    for title in ("one", "three", "seven"):
        published_course(client, tess, title=title)
    cursors = {}
    for given in FILTERS:
        page = client.get(f"{COURSES}?{given}&limit=1", headers=tess.headers).get_json()
        cursors[given] = page["next_cursor"]
    for given, cursor in cursors.items():
        if cursor is None:
            continue
        for other in {*FILTERS, "sort=relevance", "sort=price"} - {given}:
            if {given, other} == {"q=e", "sort=relevance&q=e"}:
                continue  # the same list, told in two ways
            answer = client.get(f"{COURSES}?{other}&limit=1&cursor={cursor}", headers=tess.headers)
            assert refusal(answer) == (400, "bad_cursor"), (given, other)
    assert sum(cursor is not None for cursor in cursors.values()) >= 4


@pytest.mark.parametrize(("first", "then"), [("", "&q=e"), ("&q=e", "")])
def test_relevance_with_and_without_words_are_two_lists(
    client: FlaskClient, tess: Person, first: str, then: str
) -> None:
    for title in ("one", "three"):
        published_course(client, tess, title=title)
    cursor = client.get(f"{COURSES}?sort=relevance&limit=1{first}").get_json()["next_cursor"]
    answer = client.get(f"{COURSES}?sort=relevance&limit=1{then}&cursor={cursor}")
    assert refusal(answer) == (400, "bad_cursor")
