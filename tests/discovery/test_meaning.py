"""With a vendor's vectors search finds what is meant too; without them, or too late, what words find."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core.queue import perform
from murph.discovery.engine.meaning import Meanings as Index
from murph.discovery.engine.meaning import fused, packed, unpacked
from murph.discovery.live import LiveIndex
from murph.discovery.queries import vectors
from murph.gateways.ai.choice import Meanings
from murph.gateways.ai.port import ProviderTimedOut, Vector
from murph.gateways.ai.simulators.meaning import vector
from murph.gateways.ai.vectors import of_length_one
from tests.auth.people import Person
from tests.course.builders import COURSES, published_course

SEARCH = "/api/v1/discovery/search"
Work = Callable[[], None]


class Vendor:
    """A vendor in this process that knows what the simulated ones know, and what it was asked."""

    name, model, least = "vendor", "model", 0.1

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_late = False

    def embed(self, texts: Sequence[str], *, is_question: bool, timeout_s: float) -> list[Vector]:
        self.asked += texts
        if self.is_late:
            raise ProviderTimedOut
        return [of_length_one(vector(text)) for text in texts]


@pytest.fixture
def vendor(app: Flask, work: Work) -> Vendor:
    """The vendor that the application has a key for."""
    found = Vendor()
    with_key(app, found)
    return found


def with_key(app: Flask, vendor: Vendor) -> None:
    meanings = Meanings(vendor)
    app.extensions |= {"murph_meanings": meanings, "murph_index": LiveIndex(model=meanings.model)}


@pytest.fixture
def shelf(client: FlaskClient, tess: Person, otto: Person, vendor: Vendor, work: Work) -> None:
    """A course about cars, some about bread; a worker was there."""
    published_course(client, tess, title="Car repair", description="Engines.", tags=[])
    for number in range(3):
        published_course(client, otto, title=f"Bread, part {number}", description="Flour.", tags=[])
    work()
    perform("discovery.embed_due", {})


def titles(client: FlaskClient, q: str, **query: Any) -> list[str]:
    answer = client.get(SEARCH, query_string={"q": q, **query})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [item["title"] for item in answer.get_json()["items"]]


@pytest.mark.usefixtures("shelf")
def test_what_no_word_finds_is_found_by_what_it_means(client: FlaskClient) -> None:
    assert titles(client, "automobile maintenance") == ["Car repair"]


@pytest.mark.only_sqlite
@pytest.mark.usefixtures("shelf")
def test_what_is_meant_has_to_be_as_wished_too(client: FlaskClient) -> None:
    assert titles(client, "automobile maintenance", max_price="0.01") == []


@pytest.mark.only_sqlite
@pytest.mark.usefixtures("shelf")
def test_words_and_meaning_are_put_together(client: FlaskClient) -> None:
    found = titles(client, "how to bake bread inside an automobile")
    assert set(found) == {"Car repair", *(f"Bread, part {number}" for number in range(3))}
    assert found[0] != "Car repair"


@pytest.mark.only_sqlite
@pytest.mark.usefixtures("shelf")
def test_a_vendor_that_is_late_leaves_what_words_find(client: FlaskClient, vendor: Vendor) -> None:
    vendor.is_late = True
    assert titles(client, "automobile maintenance") == []
    assert titles(client, "car") == ["Car repair"]


@pytest.mark.only_sqlite
@pytest.mark.usefixtures("shelf")
def test_a_short_question_that_words_answer_is_kept_to_ourselves(
    client: FlaskClient, vendor: Vendor, otto: Person, work: Work
) -> None:
    for number in range(3, 5):
        published_course(client, otto, title=f"Bread, part {number}")
    work()
    vendor.asked.clear()
    assert len(titles(client, "bread flour")) == 5
    assert vendor.asked == []
    titles(client, "bread flour water salt yeast")
    assert vendor.asked == ["bread flour water salt yeast"]
    titles(client, "the of")
    assert len(vendor.asked) == 1


@pytest.mark.usefixtures("shelf")
def test_a_vendor_is_asked_again_when_a_text_changed_and_not_for_a_price(
    client: FlaskClient, tess: Person, vendor: Vendor, work: Work
) -> None:
    course = published_course(client, tess, title="Sewing")
    for change, times in (({}, 1), ({"price_per_minute": "0.77"}, 0), ({"title": "Kitchen"}, 1)):
        if change:
            client.put(f"{COURSES}/{course['id']}", json=change, headers=tess.headers)
        work()
        vendor.asked.clear()
        for _ in range(2):
            perform("discovery.embed_due", {})
        assert len(vendor.asked) == times
    assert titles(client, "cooking") == ["Kitchen"]


@pytest.mark.only_sqlite
@pytest.mark.usefixtures("shelf")
def test_another_model_has_all_vectors_made_anew(app: Flask, client: FlaskClient, vendor: Vendor) -> None:
    other = Vendor()
    other.model = "other"
    with_key(app, other)
    assert titles(client, "automobile maintenance") == []
    perform("discovery.embed_due", {})
    assert len(other.asked) == 1 + 4
    assert titles(client, "automobile maintenance") == ["Car repair"]
    assert list(vectors.due(model="vendor other", limit=9)) == []


@pytest.mark.only_sqlite
@pytest.mark.usefixtures("shelf")
def test_courses_are_found_without_a_vector_until_there_is_one(
    client: FlaskClient, tess: Person, vendor: Vendor, work: Work
) -> None:
    vendor.is_late = True
    published_course(client, tess, title="Kitchen", description="Pots.", tags=[])
    work()
    perform("discovery.embed_due", {})
    assert titles(client, "kitchen") == ["Kitchen"]
    with_key(client.application, later := Vendor())
    perform("discovery.embed_due", {})
    assert len(later.asked) == 1
    assert titles(client, "cooking") == ["Kitchen"]


@pytest.mark.only_sqlite
def test_without_a_key_nobody_is_asked_and_nothing_kept(
    client: FlaskClient, tess: Person, work: Work
) -> None:
    published_course(client, tess, title="Car repair")
    work()
    perform("discovery.embed_due", {})
    assert titles(client, "automobile maintenance") == []
    assert len(vectors.due(model="any", limit=9)) == 1


def test_the_nearest_come_first_whatever_their_signs_say() -> None:
    index = Index()
    for key, numbers in {"c": (0.6, 0.8), "a": (1.0, 0.01), "b": (0.9, -0.43), "d": (-1.0, 0.0)}.items():
        index.put(key, array("f", numbers))
    asked = array("f", (1.0, 0.0))
    assert index.nearest(asked, least=0.5, limit=9, accepts=lambda key: True) == ["a", "b", "c"]
    assert index.nearest(asked, least=0.5, limit=1, accepts=lambda key: key != "a") == ["b"]


def test_rankings_are_fused_by_their_places_and_relevances_dealt_out_anew() -> None:
    found = fused({"a": 1.0, "b": 0.5, "c": 0.2}, ["c", "b", "d"])
    assert list(found) == ["c", "b", "a", "d"]
    assert list(found.values())[:3] == [1.0, 0.5, 0.2]
    assert 0 < found["d"] < 0.2
    assert fused({}, ["x", "y"]) == {"x": 1.0, "y": pytest.approx(61 / 62)}
    assert fused({"a": 1.0}, []) == {"a": 1.0}
    assert fused({}, []) == {}


def test_a_vector_comes_back_as_it_was_stored() -> None:
    numbers = array("f", (0.25, -1.0, 3.5))
    assert unpacked(packed(numbers)) == numbers
    assert packed(array("f", (1.0,))) == b"\x00\x00\x80\x3f"


@pytest.mark.only_sqlite
@pytest.mark.usefixtures("shelf")
def test_a_course_that_is_withdrawn_leaves_the_memory_and_is_meant_again_when_it_is_back(
    app: Flask, client: FlaskClient, tess: Person, vendor: Vendor, work: Work
) -> None:
    live = app.extensions["murph_index"]
    (car,) = client.get(SEARCH, query_string={"q": "car repair"}).get_json()["items"]
    for verb, known in (("unpublish", 3), ("publish", 4)):
        assert client.post(f"{COURSES}/{car['course_id']}/{verb}", headers=tess.headers).status_code == 200
        work()
        perform("discovery.embed_due", {})
        titles(client, "bread")
        assert len(live.meanings) == known
    assert titles(client, "automobile maintenance") == ["Car repair"]
    assert sum("Car repair" in text for text in vendor.asked) == 1
