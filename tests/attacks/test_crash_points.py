"""A process that dies right before or right after a commit, and what is found after the restart."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from murph.core import clock, idempotency
from murph.core.ids import new_id
from murph.gateways import payment
from murph.session import service
from murph.session.service import SessionActive
from murph.wallet import service as wallet
from murph.wallet.service.top_ups import CLAIM
from tests.auth.people import Person, sign_up
from tests.course.builders import published_course
from tests.session.builders import balance, end, fund, get, rules, settle, start, watch
from tests.support.dying import dies_at
from tests.support.verdict import broken_invariants
from tests.wallet.wallets import confirm_payout, earn, pay_bonus, person, refund, reject_payout, teacher_with

BEFORE, AFTER = "before_commit", "after_commit"
pytestmark = pytest.mark.parametrize("moment", [BEFORE, AFTER])


@pytest.fixture
def course(client: FlaskClient) -> dict[str, Any]:
    """A published course at 3.00 a minute."""
    return published_course(client, sign_up(client, "tess@example.org", "teacher"), price_per_minute="3.00")


@pytest.fixture
def stan(client: FlaskClient) -> Person:
    """A student with 50.00."""
    stan = sign_up(client, "stan@example.org")
    fund(stan, 5_000)
    return stan


def die_at(label: str, verb: Callable[[], object]) -> None:
    """Run a verb in a process that dies at this point of it."""
    assert dies_at(label, verb)


def assert_books_are_sound(app: Flask) -> None:
    assert broken_invariants(app) == []


def test_a_start_that_died_either_never_was_or_is_the_live_session(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], moment: str
) -> None:
    def begin() -> None:
        service.start(
            student_id=stan.id,
            course_id=UUID(course["id"]),
            locked_minor=3_000,
            rules=rules(),
            at=clock.now(),
        )

    die_at(f"session.start:{moment}", begin)
    assert balance(client, stan)["locked"] == ("0.00" if moment == BEFORE else "30.00")
    if moment == BEFORE:
        begin()
    else:
        with pytest.raises(SessionActive):
            begin()
    assert get(client, stan, "active")["locked_amount"] == balance(client, stan)["locked"] == "30.00"
    assert_books_are_sound(app)


def test_an_extension_that_died_is_there_as_a_whole_or_not_at_all(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], moment: str
) -> None:
    session = start(client, stan, course)
    key = UUID(session["id"])
    die_at(
        f"session.extend:{moment}",
        lambda: service.extend(session_id=key, student_id=stan.id, add_minor=500, at=clock.now()),
    )
    found = get(client, stan, session["id"])
    assert found["locked_amount"] == balance(client, stan)["locked"]
    assert found["locked_amount"] == ("30.00" if moment == BEFORE else "35.00")
    assert (found["seconds_affordable"] > session["seconds_affordable"]) == (moment == AFTER)
    assert_books_are_sound(app)


def test_an_end_that_died_is_made_good_by_the_next_one(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], moment: str
) -> None:
    session = start(client, stan, course)
    watch(session, 90)
    key = UUID(session["id"])
    die_at(
        f"session.end:{moment}",
        lambda: service.end(session_id=key, reason="user", rules=rules(), at=clock.now()),
    )
    assert get(client, stan, session["id"])["status"] == ("active" if moment == BEFORE else "ending")
    assert (end(client, stan, session)["used_seconds"], settle()) == (90, 1)
    assert balance(client, stan)["available"] == "45.50"
    assert_books_are_sound(app)


def test_a_settlement_that_died_is_done_once_by_the_next_worker(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], moment: str
) -> None:
    session = start(client, stan, course)
    watch(session, 90)
    end(client, stan, session)
    die_at(f"session.settle:{moment}", settle)
    assert get(client, stan, session["id"])["status"] == ("ending" if moment == BEFORE else "completed")
    assert settle() == (1 if moment == BEFORE else 0)
    receipt = get(client, stan, f"{session['id']}/receipt")
    assert (receipt["status"], receipt["cost"], len(receipt["journal_ids"])) == ("completed", "4.50", 2)
    assert balance(client, stan)["available"] == "45.50"
    assert_books_are_sound(app)


@pytest.mark.parametrize(
    "verb",
    [
        "wallet.request_top_up",
        "gateways.open_payment",
        "wallet.record_payment",
        "gateways.decide_payment",
        "wallet.record_look",
    ],
)
def test_a_top_up_that_died_anywhere_goes_on_and_is_credited_once(
    app: Flask, client: FlaskClient, stan: Person, verb: str, moment: str
) -> None:
    die_at(f"{verb}:{moment}", lambda: fund(stan, 700))
    is_credited = (verb, moment) == ("wallet.record_look", AFTER)
    assert balance(client, stan)["available"] == ("57.00" if is_credited else "50.00")
    later, gateway = clock.now() + CLAIM, payment.gateway()
    while wallet.check_next_top_up(gateway=gateway, at=later):
        pass
    asked = top_ups(client, stan)
    assert len(asked) == (1 if (verb, moment) == ("wallet.request_top_up", BEFORE) else 2)
    if asked[0]["status"] == "pending":  # nobody has paid before the process died
        client.post(urlsplit(asked[0]["payment_url"]).path, json={"action": "confirm"})
        while wallet.check_next_top_up(gateway=gateway, at=later + CLAIM):
            pass
    assert balance(client, stan)["available"] == ("57.00" if len(asked) == 2 else "50.00")
    assert [each["status"] for each in top_ups(client, stan)] == ["paid"] * len(asked)
    assert_books_are_sound(app)


def top_ups(client: FlaskClient, person: Person) -> list[dict[str, Any]]:
    """Return somebody's top-ups, the newest first."""
    answer = client.get("/api/v1/payments/topups", headers=person.headers)
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


def payout_of(teacher: UUID, amount_minor: int) -> Any:
    return wallet.request_payout(user_id=teacher, amount_minor=amount_minor, currency="USD", at=clock.now())


def test_a_payout_request_that_died_is_there_as_a_whole_or_not_at_all(app: Flask, moment: str) -> None:
    teacher = teacher_with(1_000)
    die_at(f"wallet.request_payout:{moment}", lambda: payout_of(teacher, 700))
    found = wallet.balance(teacher)
    whole = (1_000, 0) if moment == BEFORE else (300, 700)
    assert (found.earned_minor, found.payout_pending_minor) == whole
    assert_books_are_sound(app)


@pytest.mark.parametrize("verb", ["confirm_payout", "reject_payout"])
def test_a_decision_on_a_payout_that_died_is_made_good_by_the_next_one(
    app: Flask, moment: str, verb: str
) -> None:
    teacher = teacher_with(1_000)
    payout_id = payout_of(teacher, 700).id
    verbs: dict[str, Callable[[UUID], object]] = {
        "confirm_payout": confirm_payout,
        "reject_payout": reject_payout,
    }
    decide = verbs[verb]
    die_at(f"wallet.{verb}:{moment}", lambda: decide(payout_id))
    assert wallet.balance(teacher).payout_pending_minor == (700 if moment == BEFORE else 0)
    assert_books_are_sound(app)
    decide(payout_id)
    found = wallet.balance(teacher)
    left_minor = 300 if verb == "confirm_payout" else 1_000
    assert (found.earned_minor, found.payout_pending_minor) == (left_minor, 0)
    assert_books_are_sound(app)


def test_a_keyed_request_that_died_is_done_once_when_it_is_sent_again(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any], moment: str
) -> None:
    def keyed(path: str, body: dict[str, Any] | None) -> TestResponse:
        headers = stan.headers | {"Idempotency-Key": "one-intention"}
        return client.post(f"/api/v1/sessions/{path}", json=body, headers=headers)

    def dies_first(verb: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        die_at(f"{verb}:{moment}", lambda: keyed(path, body))
        again, once_more = keyed(path, body), keyed(path, body)
        assert ("Idempotency-Replayed" in again.headers) == (moment == AFTER)
        assert (once_more.status_code, once_more.data) == (again.status_code, again.data)
        found: dict[str, Any] = again.get_json()
        return found

    session = dies_first("wallet.hold", "start", {"course_id": course["id"], "locked_amount": "5.00"})
    watch(session, 90)
    extended = dies_first("session.extend", f"{session['id']}/extend", {"amount": "1.00"})
    assert extended["locked_amount"] == balance(client, stan)["locked"] == "6.00"
    assert dies_first("core.once", f"{session['id']}/end", None)["cost"] == "4.50"
    assert settle() == 1
    assert balance(client, stan)["available"] == "45.50"
    assert_books_are_sound(app)


@pytest.mark.parametrize(
    "verb",
    ["core.begin", "gateways.open_payment", "wallet.record_payment", "core.finish"],
)
def test_a_keyed_top_up_that_died_anywhere_goes_on_where_it_was(
    app: Flask, client: FlaskClient, stan: Person, verb: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> TestResponse:
        headers = stan.headers | {"Idempotency-Key": "one-intention"}
        return client.post("/api/v1/payments/topups", json={"amount": "7.00"}, headers=headers)

    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "CLAIMED_FOR", timedelta(seconds=-1))  # nobody needs to wait here
        die_at(f"{verb}:{moment}", ask)
    left_behind = [each["id"] for each in top_ups(client, stan)[:-1]]
    assert len(left_behind) == (0 if (verb, moment) == ("core.begin", BEFORE) else 1)
    again = ask()
    assert again.status_code == 201
    assert ("Idempotency-Replayed" in again.headers) == ((verb, moment) == ("core.finish", AFTER))
    assert ask().data == again.data
    (found, _) = top_ups(client, stan)
    assert found == again.get_json()
    assert left_behind in ([], [found["id"]])
    client.post(urlsplit(found["payment_url"]).path, json={"action": "confirm"})
    while wallet.check_next_top_up(gateway=payment.gateway(), at=clock.now() + CLAIM):
        pass
    assert balance(client, stan)["available"] == "57.00"


def test_a_refund_that_died_is_made_good_by_its_ticket(app: Flask, moment: str) -> None:
    held = earn(teacher := person("teacher"), 800, 200)
    student = held.user_id
    die_at(f"wallet.refund:{moment}", lambda: refund(held, 500, ticket="T-1"))
    assert wallet.available_minor(student) == (0 if moment == BEFORE else 500)
    assert_books_are_sound(app)
    assert refund(held, 500, ticket="T-1").number == 1
    assert (wallet.available_minor(student), wallet.balance(teacher).earned_minor) == (500, 400)
    assert_books_are_sound(app)


@pytest.mark.parametrize("verb", ["pay_bonus", "reverse_bonus"])
def test_a_bonus_that_died_on_its_way_or_back_is_moved_once(app: Flask, moment: str, verb: str) -> None:
    teacher, review = teacher_with(1_000), new_id()
    steps: dict[str, Callable[[], object]] = {
        "pay_bonus": lambda: pay_bonus(teacher, review),
        "reverse_bonus": lambda: wallet.reverse_bonus(review_id=review, at=clock.now()),
    }
    if verb == "reverse_bonus":
        steps["pay_bonus"]()
    die_at(f"wallet.{verb}:{moment}", steps[verb])
    assert_books_are_sound(app)
    steps[verb]()
    assert wallet.balance(teacher).earned_minor == (1_100 if verb == "pay_bonus" else 1_000)
    assert_books_are_sound(app)
