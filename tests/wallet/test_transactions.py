"""What moved on one's own accounts, as people read it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from murph.core.ids import new_id
from murph.ledger import codes
from murph.wallet import service as wallet
from tests.auth.people import Person, sign_up
from tests.wallet.wallets import AT, hold, top_up

TRANSACTIONS = "/api/v1/payments/transactions"


@pytest.fixture
def ada(client: FlaskClient) -> Person:
    return sign_up(client)


@pytest.fixture
def bob(client: FlaskClient) -> Person:
    return sign_up(client, "bob@example.org", "teacher")


def listed(client: FlaskClient, person: Person, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"{TRANSACTIONS}{query}", headers=person.headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def lines(client: FlaskClient, person: Person, query: str = "") -> list[tuple[str, str, str]]:
    return [(item["type"], item["direction"], item["amount"]) for item in listed(client, person, query)]


def watch(student: UUID, teacher: UUID, session: str = "") -> str:
    """Let a session of 2.00 out of a lock of 30.00 happen, from AT + 1 h to AT + 2 h."""
    session = session or str(new_id())
    held = hold(student, 3000, session, at=AT + timedelta(hours=1))
    end = AT + timedelta(hours=2)
    wallet.settle(hold_id=held.id, teacher_id=teacher, teacher_minor=160, fee_minor=40, at=end)
    return session


def test_a_student_reads_a_session_as_lock_payment_and_refund(
    client: FlaskClient, ada: Person, bob: Person
) -> None:
    top_up(ada.id, 5000)
    session = watch(ada.id, bob.id)
    items = listed(client, ada)

    assert sorted(lines(client, ada)) == [
        ("lock", "out", "30.00"),
        ("payment", "out", "2.00"),
        ("refund", "in", "28.00"),
        ("topup", "in", "50.00"),
    ]
    assert [item["type"] for item in items[2:]] == ["lock", "topup"]
    assert items[0]["reference"] == {"type": "session", "id": session}
    assert {item["status"] for item in items} == {"completed"}
    assert items[-1]["created_at"] == "2026-03-01T12:00:00.000000Z"
    assert len({item["id"] for item in items}) == 4


def test_a_teacher_reads_only_what_was_earned(client: FlaskClient, ada: Person, bob: Person) -> None:
    top_up(ada.id, 5000)
    watch(ada.id, bob.id)

    assert lines(client, bob) == [("payment", "in", "1.60")]


def test_a_free_session_is_a_refund_and_no_payment(client: FlaskClient, ada: Person, bob: Person) -> None:
    top_up(ada.id, 5000)
    wallet.void(hold_id=hold(ada.id, 3000).id, at=AT)
    nothing_watched = hold(ada.id, 2000)
    wallet.settle(hold_id=nothing_watched.id, teacher_id=bob.id, teacher_minor=0, fee_minor=0, at=AT)

    assert lines(client, ada, "?type=payment") == []
    assert sorted(lines(client, ada, "?type=refund")) == [
        ("refund", "in", "20.00"),
        ("refund", "in", "30.00"),
    ]


def test_a_payment_too_small_for_a_fee_is_one_payment(client: FlaskClient, ada: Person, bob: Person) -> None:
    top_up(ada.id, 5000)
    held = hold(ada.id, 3000)
    wallet.settle(hold_id=held.id, teacher_id=bob.id, teacher_minor=1, fee_minor=0, at=AT)

    assert lines(client, ada, "?type=payment") == [("payment", "out", "0.01")]


def test_a_correction_shows_as_an_adjustment(client: FlaskClient, ada: Person) -> None:
    wallet.adjust(
        ticket="T-1",
        debit=codes.PLATFORM_BONUS,
        credit=codes.user_available(ada.id),
        amount_minor=500,
        currency="USD",
        reason="outage",
        at=AT,
    )

    assert lines(client, ada) == [("adjustment", "in", "5.00")]


def test_filters_by_type_and_by_time(client: FlaskClient, ada: Person, bob: Person) -> None:
    top_up(ada.id, 5000)
    watch(ada.id, bob.id)

    assert lines(client, ada, "?type=lock") == [("lock", "out", "30.00")]
    assert lines(client, ada, "?type=payout") == []
    assert lines(client, ada, "?to=2026-03-01T13:00:00Z") == [("topup", "in", "50.00")]
    assert [line[0] for line in lines(client, ada, "?from=2026-03-01T13:00:00Z&to=2026-03-01T14:00:00Z")] == [
        "lock"
    ]


@pytest.mark.parametrize("query", ["?type=gift", "?from=yesterday", "?to=2026-03-01T13:00:00", "?limit=0"])
def test_a_filter_that_cannot_be_read_is_422(client: FlaskClient, ada: Person, query: str) -> None:
    assert client.get(f"{TRANSACTIONS}{query}", headers=ada.headers).status_code == 422


def test_pages_follow_each_other_without_gap_or_repetition(
    client: FlaskClient, ada: Person, bob: Person
) -> None:
    top_up(ada.id, 90_00)
    for _ in range(3):
        watch(ada.id, bob.id)
    whole = listed(client, ada, "?limit=100")
    paged, cursor = [], ""
    while True:
        page = client.get(f"{TRANSACTIONS}?limit=3{cursor}", headers=ada.headers).get_json()
        paged += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        top_up(ada.id, 1, at=AT + timedelta(days=1))  # newer rows must not shift the pages

    assert len(whole) == 10
    assert paged == whole


def test_a_cursor_that_was_tampered_with_is_refused(client: FlaskClient, ada: Person) -> None:
    answer = client.get(f"{TRANSACTIONS}?cursor=abc", headers=ada.headers)

    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_cursor")


def test_a_cursor_under_other_filters_or_of_somebody_else_is_refused(
    client: FlaskClient, ada: Person, bob: Person
) -> None:
    for _ in range(2):
        top_up(ada.id, 100)
    cursor = client.get(f"{TRANSACTIONS}?limit=1", headers=ada.headers).get_json()["next_cursor"]
    for who, query in ((ada, "&type=topup"), (ada, "&from=2020-01-01T00:00:00Z"), (bob, "")):
        answer = client.get(f"{TRANSACTIONS}?cursor={cursor}{query}", headers=who.headers)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_cursor")
