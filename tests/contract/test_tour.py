"""Every route in its successful form: who else gets how far, and what it asks of the database."""

import sys
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask

from murph.core.db import db
from murph.core.ids import new_id
from murph.session.handshake import admission
from murph.session.service import SessionNotFound
from tests.auth.people import sign_in
from tests.conftest import Client
from tests.contract import sights
from tests.contract.reach import MAY_BE_KNOWN, REACH
from tests.contract.statements import BOUNDS, MOST
from tests.contract.tour import CALLERS, SELF, SUSPENDED_SELF, Tour, without_request_id
from tests.support.databases import SqliteFactory, make_app

SOCKET = "serve"
ASSETS = "pages.send_asset"
CAPABILITIES = ("media.", "sandbox.")
"""Of these the address itself is the permission; nobody can guess it."""


@pytest.fixture(scope="module")
def house_of_all(sqlite_factory: SqliteFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("tour")
    app = make_app(sqlite_factory.fresh(folder), folder)
    app.test_client_class = Client
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def tour(house_of_all: Flask) -> Tour:
    return sights.take(house_of_all, house_of_all.test_client())


def with_ids(app: Flask) -> set[str]:
    """Return the routes that name an object in their path, and are not permissions of their own."""
    named = {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments - {"path"}}
    return {name for name in named if not name.startswith((*CAPABILITIES, "pages."))} - {SOCKET}


def test_no_route_is_left_out(house_of_all: Flask, tour: Tour) -> None:
    all_of_them = {rule.endpoint for rule in house_of_all.url_map.iter_rules()}
    assert all_of_them - {SOCKET, ASSETS} == tour.visits.keys()
    assert with_ids(house_of_all) == REACH.keys()


def test_everybody_gets_as_far_as_the_table_says(tour: Tour) -> None:
    found = {name: tour.visits[name].statuses for name in REACH}
    cells = sum(len(visit.answers) + len(visit.unknown) for visit in map(tour.visits.get, REACH) if visit)
    sys.stdout.write(f"{len(REACH)} routes with an id, {len(CALLERS)} callers, {cells} answers compared\n")
    assert {name: row for name, row in found.items() if row != REACH[name]} == {}


def test_a_foreign_object_is_told_of_as_one_that_is_not_there(tour: Tour) -> None:
    wrong = []
    for name in REACH.keys() - MAY_BE_KNOWN:
        visit = tour.visits[name]
        for caller in set(CALLERS) - {SELF, SUSPENDED_SELF}:
            foreign, unknown = visit.answers[caller], visit.unknown[caller]
            if foreign.status_code >= 400 and without_request_id(foreign) != without_request_id(unknown):
                wrong.append(f"{name} as {caller}: {foreign.text} {unknown.text}")
    assert wrong == []


def test_nothing_at_all_is_found_by_nobody(tour: Tour) -> None:
    found = {
        (n, who) for n in REACH for who, answer in tour.visits[n].unknown.items() if answer.status_code < 400
    }
    assert found == set()


def test_a_refusal_shows_nothing_of_what_is_refused(tour: Tour) -> None:
    for name in REACH:
        for caller, answer in tour.visits[name].answers.items():
            if answer.status_code >= 400:
                problem = set(answer.get_json())
                assert problem <= {"type", "title", "status", "detail", "code", "request_id"}, (
                    f"{name} {caller}"
                )


def test_a_players_socket_is_for_its_student_only(house_of_all: Flask, tour: Tour) -> None:
    client = house_of_all.test_client()
    watched = UUID(tour.visits["session.start"].answers[SELF].get_json()["id"])
    for email in ("sara@example.org", "otto@example.org", "tess@example.org", "root@example.org"):
        for session_id in (watched, new_id()):
            with pytest.raises(SessionNotFound):
                admission(sign_in(client, email).access_token, session_id)


def test_no_route_asks_the_database_more_than_it_may(tour: Tour) -> None:
    counts = {name: len(visit.statements) for name, visit in sorted(tour.visits.items())}
    sys.stdout.write("".join(f"{count:3} {name}\n" for name, count in counts.items()))
    assert {name: count for name, count in counts.items() if count > BOUNDS.get(name, MOST)} == {}
    assert {name: counts[name] for name in BOUNDS if counts[name] < BOUNDS[name]} == {}, "lower the bounds"


def test_a_page_knows_nobody_and_nothing(tour: Tour) -> None:
    pages = {name: visit for name, visit in tour.visits.items() if name.startswith("pages.")}
    assert pages
    assert {name for name, visit in pages.items() if visit.statements} == set()


def test_no_answer_about_anybody_is_kept_on_its_way(tour: Tour) -> None:
    cached = {
        name
        for name, visit in tour.visits.items()
        if not name.startswith("pages.")
        and "no-store" not in visit.answers[SELF].headers.get("Cache-Control", "")
    }
    # Documents and probes, and bytes that are for everybody or of no use without their key.
    public = {"_healthz", "_readyz", "api-docs.openapi_json", "swagger_ui.show"}
    assert cached == public | {"media.send_poster", "media.send_segment"}


def test_every_answer_says_how_a_browser_is_to_treat_it(tour: Tour) -> None:
    for name, visit in tour.visits.items():
        for answer in visit.answers.values():
            assert answer.headers["X-Content-Type-Options"] == "nosniff", name
            assert answer.headers["X-Frame-Options"] == "DENY", name
            assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin"), name
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], name
            assert "X-Request-ID" in answer.headers, name
            assert not {"Server", "X-Powered-By", "Set-Cookie"} & set(answer.headers.keys()), name
