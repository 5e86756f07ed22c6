"""What the wallet relies on, whichever adapter stands behind the port."""

from contextlib import suppress
from uuid import uuid4

import pytest

from murph.core.db import transactional
from murph.gateways.payment.port import (
    Credit,
    GatewayUnavailable,
    Payment,
    PaymentStatus,
    PaymentUnknown,
)
from tests.gateways.gateways import Tried, embedded, through

ADAPTERS = [
    *(f"finternet {profile} {by}" for profile in ("observed", "documented") for by in ("card", "wallet")),
    "sandbox",
]


@pytest.fixture(params=ADAPTERS)
def tried(request: pytest.FixtureRequest, context: None) -> Tried:
    if request.param == "sandbox":
        return embedded()
    _, profile, by = request.param.split()
    return through(request.getfixturevalue(f"{profile}_simulator"), by=by)


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


def test_access_is_checked_without_a_trace(tried: Tried) -> None:
    before = list(tried.gateway.credits())
    tried.gateway.check_access()
    assert list(tried.gateway.credits()) == before


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


def test_what_was_paid_is_final_or_waits_for_its_release(tried: Tried) -> None:
    payment = funded(tried)
    seen = tried.gateway.look(payment.id)
    assert seen.status in (PaymentStatus.FUNDED, PaymentStatus.PAID)
    assert seen.awaits_release or seen.status is PaymentStatus.PAID
    if seen.awaits_release:
        tried.gateway.release(payment.id, reference="release-1")
    paid = tried.gateway.look(payment.id)
    assert (paid.status, paid.amount_minor, paid.awaits_release) == (PaymentStatus.PAID, 3050, False)
    tried.let_time_pass()
    assert tried.gateway.look(payment.id) == paid


def test_a_release_pays_nothing_that_nobody_paid(tried: Tried) -> None:
    payment = ask(tried)
    with suppress(PaymentUnknown, GatewayUnavailable):
        tried.gateway.release(payment.id, reference="too-early")
    tried.let_time_pass()
    assert tried.gateway.look(payment.id).status is PaymentStatus.OPEN


def test_a_released_payment_is_credited_and_the_newest_stand_first(tried: Tried) -> None:
    first, second = funded(tried), funded(tried)
    for payment in (first, second):
        tried.gateway.release(payment.id, reference=payment.id)
    ours = [credit for credit in tried.gateway.credits() if credit.payment_id in (first.id, second.id)]
    # What a wallet paid is known to be credited a second time with its release.
    assert list(dict.fromkeys(ours)) == [Credit(second.id, 3050, "USD"), Credit(first.id, 3050, "USD")]


def test_what_was_only_asked_for_is_no_credit(tried: Tried) -> None:
    payment = ask(tried)
    assert payment.id not in [credit.payment_id for credit in tried.gateway.credits()]


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
