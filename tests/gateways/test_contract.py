"""What the wallet relies on, whichever adapter stands behind the port."""

from uuid import uuid4

import pytest
from flask import Flask

from murph.core.db import transactional
from murph.gateways.payment.finternet import Finternet
from murph.gateways.payment.port import (
    Credit,
    GatewayUnavailable,
    Payment,
    PaymentStatus,
    PaymentUnknown,
)
from tests.gateways.gateways import Tried, through
from tests.support.processes import free_port

ADAPTERS = ["finternet, observed", "finternet, documented"]


@pytest.fixture(params=ADAPTERS)
def tried(request: pytest.FixtureRequest, app: Flask) -> Tried:
    profile = request.param.split()[-1]
    nowhere = Finternet(base_url=f"http://127.0.0.1:{free_port()}", api_key="sk_test_x", timeout_s=1)
    return through(request.getfixturevalue(f"{profile}_simulator"), nowhere)


def ask(tried: Tried, *, amount_minor: int = 3050, currency: str = "USD") -> Payment:
    return tried.gateway.create(
        reference=str(uuid4()), amount_minor=amount_minor, currency=currency, description="Wallet top-up"
    )


def funded(tried: Tried) -> Payment:
    payment = ask(tried)
    tried.pay(payment.id)
    return payment


def test_a_new_payment_is_open_and_leads_to_a_page(tried: Tried) -> None:
    payment = ask(tried)
    assert (payment.status, payment.amount_minor, payment.currency) == (PaymentStatus.OPEN, 3050, "USD")
    assert payment.url is not None
    assert payment.url.startswith("http")
    assert tried.gateway.look(payment.id) == payment


@pytest.mark.parametrize(
    ("amount_minor", "currency"), [(1, "USD"), (10_000_000, "USD"), (300, "JPY"), (1005, "KWD")]
)
def test_amounts_arrive_and_come_back_in_the_places_of_their_currency(
    tried: Tried, amount_minor: int, currency: str
) -> None:
    payment = ask(tried, amount_minor=amount_minor, currency=currency)
    assert (payment.amount_minor, payment.currency) == (amount_minor, currency)
    assert tried.gateway.look(payment.id) == payment


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_nobody_is_asked_for_nothing(tried: Tried, amount_minor: int) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        ask(tried, amount_minor=amount_minor)


def test_two_payments_are_two(tried: Tried) -> None:
    assert ask(tried).id != ask(tried).id


@pytest.mark.parametrize(
    "payment_id", ["intent_of_nobody", "", "../account/balance", "ü", "account", "a b?c#d"]
)
def test_a_payment_that_nobody_knows_is_unknown(tried: Tried, payment_id: str) -> None:
    with pytest.raises(PaymentUnknown):
        tried.gateway.look(payment_id)
    with pytest.raises(PaymentUnknown):
        tried.gateway.release(payment_id, reference="x")


def test_what_was_paid_waits_for_its_release_and_is_then_paid(tried: Tried) -> None:
    payment = funded(tried)
    assert tried.gateway.look(payment.id).status is PaymentStatus.FUNDED
    assert tried.gateway.look(payment.id).status is PaymentStatus.FUNDED
    tried.gateway.release(payment.id, reference="release-1")
    assert tried.gateway.look(payment.id).status is PaymentStatus.PAID
    tried.time_passes()
    paid = tried.gateway.look(payment.id)
    assert (paid.status, paid.amount_minor) == (PaymentStatus.PAID, 3050)


def test_what_nobody_paid_cannot_be_released(tried: Tried) -> None:
    payment = ask(tried)
    with pytest.raises((PaymentUnknown, GatewayUnavailable)):
        tried.gateway.release(payment.id, reference="too-early")
    assert tried.gateway.look(payment.id).status is PaymentStatus.OPEN


def test_a_released_payment_is_credited_once_and_the_newest_stand_first(tried: Tried) -> None:
    first, second = funded(tried), funded(tried)
    for payment in (first, second):
        tried.gateway.release(payment.id, reference=payment.id)
    ours = [credit for credit in tried.gateway.credits() if credit.payment_id in (first.id, second.id)]
    assert ours == [Credit(second.id, 3050, "USD"), Credit(first.id, 3050, "USD")]


def test_what_was_only_asked_for_is_no_credit(tried: Tried) -> None:
    payment = ask(tried)
    assert payment.id not in [credit.payment_id for credit in tried.gateway.credits()]


def test_with_nothing_at_the_other_end_every_question_is_answered_by_unavailable(tried: Tried) -> None:
    gateway = tried.broken()
    with pytest.raises(GatewayUnavailable):
        gateway.create(reference="r", amount_minor=100, currency="USD", description="d")
    with pytest.raises(GatewayUnavailable):
        gateway.look("intent_1")
    with pytest.raises(GatewayUnavailable):
        gateway.release("intent_1", reference="r")
    with pytest.raises(GatewayUnavailable):
        list(gateway.credits())


def test_nothing_is_asked_inside_a_transaction(tried: Tried) -> None:
    payment = ask(tried)
    for question in (
        lambda: ask(tried),
        lambda: tried.gateway.look(payment.id),
        lambda: tried.gateway.release(payment.id, reference="r"),
        lambda: list(tried.gateway.credits()),
    ):
        with pytest.raises(RuntimeError, match="inside a transaction"):
            transactional(question)()
