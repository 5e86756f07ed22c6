"""Payments at a gateway far away, found by looking: lost answers, late and wrong payments, escrow."""

from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core.db import db
from murph.gateways.payment.port import GatewayUnavailable, Payment, PaymentStatus
from murph.wallet import service as wallet
from murph.wallet.models import TopUp
from murph.wallet.service.top_ups import (
    CLAIM,
    LONGEST_WAIT,
    SHORTEST_WAIT,
    WATCHED_FOR,
)
from tests.auth.people import sign_up
from tests.ledger.racing import race
from tests.ledger.tampering import broken
from tests.wallet.elsewhere import Elsewhere, asked, found, poll
from tests.wallet.wallets import AT, person

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database

TOP_UPS = "/api/v1/payments/topups"
HOUR = timedelta(hours=1)


def test_a_poll_credits_what_the_gateway_says_is_paid(elsewhere: Elsewhere) -> None:
    ada = person()
    top_up = asked(elsewhere, ada)
    assert (poll(elsewhere, AT), poll(elsewhere, AT + SHORTEST_WAIT)) == (0, 1)
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    assert wallet.available_minor(ada) == 0
    assert poll(elsewhere, AT + HOUR) == 1

    assert (found(top_up).status, wallet.available_minor(ada)) == ("paid", 5000)
    assert poll(elsewhere, AT + 10 * WATCHED_FOR) == 0
    assert broken() == {}


def test_an_unpaid_payment_is_looked_at_less_and_less_often_and_at_last_no_more(elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person())
    looks, at = [], AT
    while (due := found(top_up).next_look_at) is not None:
        looks.append(due - at)
        at = due
        if at > AT + HOUR:
            wallet.expire_top_ups(at=at)
        assert poll(elsewhere, at) == 1
    assert looks[:5] == [SHORTEST_WAIT] * 5
    assert looks == sorted(looks)
    assert looks[-1] == LONGEST_WAIT
    assert 50 < len(looks) < 200
    assert AT + WATCHED_FOR <= at < AT + WATCHED_FOR + LONGEST_WAIT


def test_a_payment_that_moves_is_looked_at_soon_again(elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person())
    poll(elsewhere, AT + HOUR)
    assert found(top_up).next_look_at == AT + HOUR + HOUR / 10
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PROCESSING)
    poll(elsewhere, AT + 2 * HOUR)
    assert found(top_up).next_look_at == AT + 2 * HOUR + SHORTEST_WAIT


def test_what_is_paid_after_its_time_is_credited(elsewhere: Elsewhere) -> None:
    ada = person()
    top_up = asked(elsewhere, ada)
    wallet.expire_top_ups(at=AT + HOUR)
    assert found(top_up).status == "expired"
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    poll(elsewhere, AT + 20 * 24 * HOUR)

    assert (found(top_up).status, wallet.available_minor(ada)) == ("paid", 5000)
    assert broken() == {}


@pytest.mark.parametrize("changes", [{"amount_minor": 4999}, {"amount_minor": None}, {"currency": "EUR"}])
@pytest.mark.parametrize("status", [PaymentStatus.PAID, PaymentStatus.FUNDED])
def test_what_was_not_asked_for_is_neither_credited_nor_released(
    elsewhere: Elsewhere, status: PaymentStatus, changes: dict[str, Any]
) -> None:
    ada = person()
    top_up = asked(elsewhere, ada)
    elsewhere.turn(top_up.payment_id, status=status, **changes)
    poll(elsewhere, AT + HOUR)

    assert (found(top_up).status, wallet.available_minor(ada)) == ("mismatch", 0)
    assert (elsewhere.releases, found(top_up).next_look_at) == ([], None)
    assert broken() == {}


def test_a_canceled_payment_declines_its_top_up(elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person())
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.CANCELED)
    poll(elsewhere, AT + HOUR)

    assert (found(top_up).status, found(top_up).next_look_at) == ("declined", None)


def test_two_polls_at_once_share_the_work(app: Flask, elsewhere: Elsewhere) -> None:
    for _ in range(6):
        asked(elsewhere, person())

    def run(_: int) -> None:
        while wallet.check_next_top_up(gateway=elsewhere, at=AT + SHORTEST_WAIT):
            pass

    _, refused = race(app, 3, run)
    assert refused == []
    assert sorted(elsewhere.looks) == sorted(elsewhere.payments)


def test_a_payment_is_looked_at_by_nobody_else_until_its_poll_must_have_died(
    app: Flask, elsewhere: Elsewhere
) -> None:
    top_up = asked(elsewhere, person())
    due = AT + SHORTEST_WAIT
    assert wallet.claim_top_up(gateway=elsewhere.name, at=due) == top_up.id  # and then it dies
    elsewhere_event(top_up, at=due)  # even when it is rung for
    assert poll(elsewhere, due + CLAIM - timedelta(seconds=1)) == 0
    assert poll(elsewhere, due + CLAIM) == 1


def elsewhere_event(top_up: TopUp, *, at: datetime) -> bool:
    """Let the gateway push an event about a top-up's payment."""
    return wallet.note_event(
        gateway="elsewhere", event_id=f"evt_{at}", type="moved", payment_id=top_up.payment_id, at=at
    )


def test_an_event_that_comes_while_somebody_looks_is_not_forgotten(elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, ada := person())
    at = AT + 24 * HOUR
    assert wallet.claim_top_up(gateway=elsewhere.name, at=at) == top_up.id
    seen = elsewhere.look(str(top_up.payment_id))
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    elsewhere_event(top_up, at=at)
    wallet.follow_payment(top_up_id=top_up.id, payment=seen, gateway=elsewhere, at=at)
    assert poll(elsewhere, at) == 1
    assert wallet.available_minor(ada) == 5000


def test_a_gateway_that_is_away_is_asked_again_later_and_nothing_is_lost(
    client: FlaskClient, elsewhere: Elsewhere
) -> None:
    ada = sign_up(client)
    elsewhere.is_away = True
    refused = [client.post(TOP_UPS, json={"amount": "50.00"}, headers=ada.headers) for _ in range(2)]
    for answer in refused:
        assert (answer.status_code, answer.get_json()["code"]) == (503, "payment_gateway_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    (waiting,) = client.get(TOP_UPS, headers=ada.headers).get_json()["items"]
    assert (waiting["status"], waiting["payment_url"]) == ("pending", None)
    elsewhere.is_away = False
    answer = client.post(TOP_UPS, json={"amount": "50.00"}, headers=ada.headers)

    assert (answer.status_code, answer.get_json()["id"]) == (201, waiting["id"])
    assert answer.get_json()["payment_url"] == "https://pay.example.org/intent_1"
    assert answer.get_json()["test_money"] is False
    assert len(elsewhere.payments) == 1


def test_a_refused_key_is_told_as_what_only_the_operator_mends(
    client: FlaskClient, elsewhere: Elsewhere
) -> None:
    ada = sign_up(client)
    elsewhere.refuses_key = True
    answer = client.post(TOP_UPS, json={"amount": "50.00"}, headers=ada.headers)

    assert (answer.status_code, answer.get_json()["code"]) == (503, "payment_gateway_unavailable")
    assert "not possible at the moment" in answer.get_json()["detail"]
    assert "try again" not in answer.get_json()["detail"]


def test_wishes_of_other_amounts_are_other_wishes(elsewhere: Elsewhere) -> None:
    ada, eve = person(), person()
    elsewhere.is_away = True
    for user_id, amount_minor in ((ada, 5000), (ada, 5001), (eve, 5000)):
        with pytest.raises(GatewayUnavailable):
            asked(elsewhere, user_id, amount_minor)
    assert db.session.query(TopUp).count() == 3


def test_the_poll_opens_the_payment_that_a_dead_process_did_not(elsewhere: Elsewhere) -> None:
    intent = wallet.request_top_up(
        user_id=person(), amount_minor=5000, currency="USD", gateway=elsewhere, at=AT
    )
    assert poll(elsewhere, AT + CLAIM - timedelta(seconds=1)) == 0
    assert poll(elsewhere, AT + CLAIM) == 1
    assert found(intent).payment_url == "https://pay.example.org/intent_1"


def test_a_payment_whose_opening_was_not_heard_of_is_opened_anew(elsewhere: Elsewhere) -> None:
    ada = person()
    elsewhere.loses_answers = True
    with pytest.raises(GatewayUnavailable):
        asked(elsewhere, ada)
    elsewhere.loses_answers = False
    top_up = asked(elsewhere, ada)
    assert (len(elsewhere.payments), top_up.payment_id) == (2, "intent_2")
    elsewhere.turn("intent_2", status=PaymentStatus.PAID)
    poll(elsewhere, AT + HOUR)

    assert wallet.available_minor(ada) == 5000
    assert broken() == {}


def test_of_two_payments_opened_at_once_the_first_counts(app: Flask, elsewhere: Elsewhere) -> None:
    intent_id = wallet.request_top_up(
        user_id=person(), amount_minor=5000, currency="USD", gateway=elsewhere, at=AT
    ).id
    done, refused = race(
        app,
        4,
        lambda _: wallet.open_payment(top_up_id=intent_id, gateway=elsewhere, at=AT).payment_id,
    )
    assert (len(set(done)), refused) == (1, [])


def test_a_top_up_that_the_gateway_was_never_asked_for_ends_with_its_time(elsewhere: Elsewhere) -> None:
    intent = wallet.request_top_up(
        user_id=person(), amount_minor=5000, currency="USD", gateway=elsewhere, at=AT
    )
    wallet.expire_top_ups(at=AT + HOUR)
    assert poll(elsewhere, AT + 2 * HOUR) == 0
    assert (found(intent).status, elsewhere.payments) == ("expired", {})


def test_one_payment_that_cannot_be_looked_at_does_not_hold_up_the_others(elsewhere: Elsewhere) -> None:
    lost, ada = asked(elsewhere, person()), person()
    top_up = asked(elsewhere, ada)
    del elsewhere.payments[str(lost.payment_id)]
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    poll(elsewhere, AT + HOUR)

    assert wallet.available_minor(ada) == 5000
    postponed = found(lost).next_look_at
    assert postponed is not None
    assert postponed > AT + HOUR


def test_the_poll_leaves_other_gateways_payments_alone(elsewhere: Elsewhere) -> None:
    top_up = asked(Elsewhere(name="sandbox", is_test_money=True), person())
    assert poll(elsewhere, AT + HOUR) == 0
    assert found(top_up).claimed_until is None


def test_looking_waits_for_no_lock(app: Flask, elsewhere: Elsewhere) -> None:
    """While one look waits for the gateway, a person's other money can move."""
    top_up = asked(elsewhere, ada := person())
    asked_there, may_answer = Event(), Event()

    class Slow(Elsewhere):
        def look(self, payment_id: str) -> Payment:
            asked_there.set()
            assert may_answer.wait(20)
            return elsewhere.look(payment_id)

    def run(number: int) -> int:
        if number == 0:
            wallet.check_top_up(top_up_id=top_up_id, gateway=Slow(), at=AT)
        else:
            assert asked_there.wait(20)
            wallet.expire_top_ups(at=AT + HOUR)
            may_answer.set()
        return number

    top_up_id = top_up.id
    done, _ = race(app, 2, run)
    assert done == [0, 1]
    assert (found(top_up).status, wallet.available_minor(ada)) == ("expired", 0)
