"""What somebody has watched moves what they are shown, if they like."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.auth.people import Person
from tests.course.builders import content, published_course
from tests.discovery.test_chat import CHAT
from tests.discovery.test_search import SEARCH
from tests.session.builders import fund, watched_and_settled


def test_what_was_watched_to_its_end_stands_lower_unless_that_is_not_wanted(
    client: FlaskClient, tess: Person, otto: Person, stan: Person, work: Callable[[], None]
) -> None:
    other, seen = (
        published_course(client, teacher, title="Ledgers", content_structure=content(60))
        for teacher in (otto, tess)
    )
    fund(stan, 50_000)
    watched_and_settled(client, stan, seen, 60)
    work()

    def first(headers: dict[str, str], **query: str) -> str:
        found = client.get(SEARCH, query_string={"q": "ledgers", **query}, headers=headers).get_json()
        assert len(found["items"]) == 2
        return str(found["items"][0]["course_id"])

    assert first({}) == seen["id"]  # the newer one
    assert first(stan.headers) == other["id"]
    assert first(stan.headers, personal="false") == seen["id"]

    def suggested(**body: object) -> str:
        turn = client.post(CHAT, json={"message": "ledgers", **body}, headers=stan.headers).get_json()
        return str(turn["suggestions"][0]["course_id"])

    assert suggested() == other["id"]
    assert suggested(personal=False) == seen["id"]
