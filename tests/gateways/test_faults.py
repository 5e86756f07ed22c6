"""The real client against a gateway that misbehaves, over real connections."""

import logging
import time
from uuid import uuid4

import httpx
import pytest

from murph.gateways.payment.finternet import Finternet, api_url
from murph.gateways.payment.port import (
    GatewayUnavailable,
    KeyRefused,
    NotDone,
    Payment,
    PaymentStatus,
    PaymentUnknown,
)
from tests.support.processes import free_port
from tests.support.simulator import CLOSED_KEY, KEY, RECORDED_KEYS, Simulator

CREATE = "^POST /api/v1/payment-intents$"
FUNDED, PAID, PROCESSING = PaymentStatus.FUNDED, PaymentStatus.PAID, PaymentStatus.PROCESSING


@pytest.fixture
def simulator(observed_simulator: Simulator, context: None) -> Simulator:
    observed_simulator.heal()
    return observed_simulator


def ask(gateway: Finternet) -> Payment:
    return gateway.create(reference=str(uuid4()), amount_minor=700, currency="USD", description="Top-up")


def paid_by_card(simulator: Simulator) -> Payment:
    payment = ask(simulator.client())
    simulator.pay(payment.id)
    return payment


def credits_of(simulator: Simulator, payment: Payment) -> list[int | None]:
    found = simulator.client().credits()
    return [credit.amount_minor for credit in found if credit.payment_id == payment.id]


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_nobody_is_asked_for_nothing(context: None, amount_minor: int) -> None:
    gateway = Finternet(base_url="https://gateway.example", api_key=KEY)
    with pytest.raises(ValueError, match="more than nothing"):
        gateway.create(reference="r", amount_minor=amount_minor, currency="USD", description="d")


def test_with_nothing_at_the_other_end_there_is_no_answer(context: None) -> None:
    gateway = Finternet(base_url=f"http://127.0.0.1:{free_port()}", api_key=KEY, timeout_s=0.1)
    with pytest.raises(GatewayUnavailable):
        gateway.create(reference="r", amount_minor=100, currency="USD", description="d")
    with pytest.raises(GatewayUnavailable):
        gateway.look("intent_1")
    with pytest.raises(NotDone):
        gateway.release("intent_1", reference="r")
    with pytest.raises(GatewayUnavailable):
        gateway.credits()


@pytest.mark.parametrize("key", ["sk_test_mistyped", CLOSED_KEY])
def test_a_refused_key_is_no_outage(
    context: None, simulator: Simulator, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = simulator.client(key=key)
    for asks in (gateway.check_access, gateway.credits, lambda: gateway.look("intent_1")):
        with pytest.raises(KeyRefused) as refused:
            asks()
        assert "try again" not in refused.value.detail
        assert str(refused.value.__cause__).startswith(("401 ", "403 "))
    assert "gateway.key_refused" in caplog.text
    assert "FINTERNET_API_KEY" in caplog.text
    assert key not in caplog.text


@pytest.mark.parametrize(
    ("fault", "is_surely_not_done"), [("rate_limits", True), ("errors", False), ("lost_answers", False)]
)
def test_a_refused_release_is_told_from_one_of_which_nothing_is_known(
    simulator: Simulator, fault: str, is_surely_not_done: bool
) -> None:
    payment = paid_by_card(simulator)
    simulator.control(**{fault: 1})
    with pytest.raises(GatewayUnavailable) as caught:
        simulator.client().release(payment.id, reference="r")
    assert isinstance(caught.value, NotDone) is is_surely_not_done


@pytest.mark.parametrize("fault", ["errors", "lost_answers"])
def test_a_question_is_asked_again_after_a_failure(simulator: Simulator, fault: str) -> None:
    payment = ask(simulator.client())
    simulator.control(**{fault: 2})
    assert simulator.client().look(payment.id).status is PaymentStatus.OPEN
    assert simulator.state()["faults"][fault] == 0


@pytest.mark.parametrize("fault", ["errors", "lost_answers"])
def test_a_question_is_not_asked_for_ever(simulator: Simulator, fault: str) -> None:
    payment = ask(simulator.client())
    simulator.control(**{fault: 100})
    with pytest.raises(GatewayUnavailable):
        simulator.client().look(payment.id)
    assert simulator.state()["faults"][fault] == 97


def test_a_creation_whose_answer_is_lost_is_not_repeated(simulator: Simulator) -> None:
    before = simulator.state()["intents"]
    simulator.control(lost_answers=100, only=CREATE)
    with pytest.raises(GatewayUnavailable):
        ask(simulator.client())
    assert simulator.state()["intents"] == before + 1


def test_a_release_whose_answer_is_lost_has_happened_and_is_not_repeated(simulator: Simulator) -> None:
    payment = paid_by_card(simulator)
    simulator.control(lost_answers=100, only="delivery-proof")
    with pytest.raises(GatewayUnavailable):
        simulator.client().release(payment.id, reference="r")
    assert simulator.client().look(payment.id).status is PAID
    assert credits_of(simulator, payment) == [700]


def test_a_creation_that_failed_is_not_repeated(simulator: Simulator) -> None:
    simulator.control(errors=100, only=CREATE)
    with pytest.raises(GatewayUnavailable):
        ask(simulator.client())
    assert simulator.state()["faults"]["errors"] == 99


def test_no_answer_in_time_is_no_answer(simulator: Simulator) -> None:
    payment = ask(simulator.client())
    simulator.control(latency_s=3)
    started = time.monotonic()
    with pytest.raises(GatewayUnavailable):
        simulator.client(timeout_s=0.3).look(payment.id)
    assert time.monotonic() - started < 1.5


def test_a_slow_answer_is_an_answer(simulator: Simulator) -> None:
    payment = ask(simulator.client())
    simulator.control(latency_s=0.3)
    assert simulator.client(timeout_s=5).look(payment.id).status is PaymentStatus.OPEN


def test_too_many_requests_are_not_made_more(simulator: Simulator) -> None:
    payment = ask(simulator.client())
    simulator.control(rate_limits=100)
    with pytest.raises(GatewayUnavailable):
        simulator.client().look(payment.id)
    assert simulator.state()["faults"]["rate_limits"] == 99


def test_the_documented_limit_says_how_long_to_wait(documented_simulator: Simulator, context: None) -> None:
    key = f"sk_test_{uuid4().hex}"
    documented_simulator.heal()
    documented_simulator.control("/merchants", key=key)
    documented_simulator.let_time_pass(60 - documented_simulator.state()["now"] % 60)  # a fresh minute
    gateway = documented_simulator.client(key=key)
    payment = ask(gateway)
    for _ in range(100):
        gateway.look(payment.id)
    with pytest.raises(GatewayUnavailable) as refusal:
        gateway.look(payment.id)
    assert refusal.value.retry_after_s == 60
    documented_simulator.let_time_pass()
    assert gateway.look(payment.id).status is PaymentStatus.OPEN


def test_a_payment_that_is_stuck_stays_in_processing_until_it_is_not(simulator: Simulator) -> None:
    by_card, by_wallet = paid_by_card(simulator), ask(simulator.client())
    simulator.control(stuck_processing=True)
    simulator.pay(by_wallet.id, by="wallet")
    simulator.client().release(by_card.id, reference="r")
    simulator.let_time_pass()
    for payment in (by_card, by_wallet):
        assert simulator.client().look(payment.id).status is PROCESSING
    simulator.heal()
    simulator.let_time_pass()
    for payment in (by_card, by_wallet):
        assert simulator.client().look(payment.id).status is PAID


@pytest.mark.parametrize("way", ["card", "wallet"])
def test_a_payment_can_need_a_person(simulator: Simulator, way: str) -> None:
    payment = ask(simulator.client())
    simulator.control(requires_action=True)
    simulator.pay(payment.id, by=way)
    simulator.let_time_pass()
    assert simulator.client().look(payment.id).status is PaymentStatus.NEEDS_ACTION


def test_a_payment_stays_paid_when_the_gateway_cannot_settle_it(simulator: Simulator) -> None:
    payment = paid_by_card(simulator)
    simulator.control(settlement_fails=True)
    simulator.client().release(payment.id, reference="r")
    simulator.let_time_pass()
    assert simulator.client().look(payment.id).status is PAID
    assert credits_of(simulator, payment) == [700]


def test_an_order_is_no_money_while_a_transaction_is_awaited(simulator: Simulator) -> None:
    payment = ask(simulator.client())
    simulator.control(stuck_processing=True)
    simulator.pay(payment.id, by="wallet")
    # An order exists as soon as a transaction is claimed.
    seen = simulator.client().look(payment.id)
    assert (seen.status, seen.awaits_release) == (PROCESSING, False)
    simulator.heal()
    simulator.let_time_pass()
    seen = simulator.client().look(payment.id)
    assert (seen.status, seen.awaits_release) == (PAID, True)


def test_a_payment_that_the_gateway_settles_after_a_look_awaits_no_release(simulator: Simulator) -> None:
    payment = ask(simulator.client())
    simulator.pay(payment.id, by="wallet")
    assert simulator.client().look(payment.id).awaits_release  # looking before the confirmation
    simulator.let_time_pass()
    seen = simulator.client().look(payment.id)
    assert (seen.status, seen.awaits_release) == (PAID, False)


def test_the_gateway_can_credit_a_payment_twice_and_is_quoted_as_it_is(simulator: Simulator) -> None:
    payment = ask(simulator.client())
    simulator.pay(payment.id, by="wallet")
    assert simulator.client().look(payment.id).status is PAID  # looking before the confirmation
    simulator.let_time_pass()
    assert credits_of(simulator, payment) == [700, 700]


def test_credits_are_read_beyond_the_first_page(simulator: Simulator) -> None:
    key = f"sk_test_{uuid4().hex}"
    simulator.control("/merchants", key=key)
    gateway = simulator.client(key=key)
    payment = ask(gateway)
    simulator.pay(payment.id)
    proof = {"proofHash": "0x1", "submittedBy": "somebody"}
    url = f"{simulator.api_url}/payment-intents/{payment.id}/escrow/delivery-proof"
    with httpx.Client(headers={"X-API-Key": key}, trust_env=False) as http:
        assert all(http.post(url, json=proof).is_success for _ in range(205))
    assert len(list(gateway.credits())) == 205


@pytest.mark.parametrize(
    ("amount", "amount_minor"),
    [
        ("7", 700),
        ("7.000000", 700),
        ("7.005", None),
        ("-7.00", None),
        ("7e2", None),
        ("٧.00", None),
        ("", None),
        ("NaN", None),
        (7, None),
        (None, None),
    ],
)
def test_another_amount_is_told_and_nonsense_is_none(
    simulator: Simulator, amount: object, amount_minor: int | None
) -> None:
    payment = ask(simulator.client())
    simulator.control(f"/intents/{payment.id}", amount=amount)
    assert simulator.client().look(payment.id).amount_minor == amount_minor


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("REQUIRES_SIGNATURE", PaymentStatus.OPEN),
        ("PAYMENT_CONFIRMED", PROCESSING),
        ("PROCESSING", PROCESSING),
        ("SUCCEEDED", PAID),
        ("SETTLED", PAID),
        ("FINAL", PAID),
        ("CANCELED", PaymentStatus.CANCELED),
        ("REQUIRES_ACTION", PaymentStatus.NEEDS_ACTION),
    ],
)
def test_every_word_of_the_gateway_has_one_of_ours(
    simulator: Simulator, word: str, status: PaymentStatus
) -> None:
    payment = ask(simulator.client())
    simulator.control(f"/intents/{payment.id}", status=word)
    assert simulator.client().look(payment.id).status is status


def test_a_word_that_nobody_knows_is_no_answer(simulator: Simulator) -> None:
    payment = ask(simulator.client())
    simulator.control(f"/intents/{payment.id}", status="COMPLETED")
    with pytest.raises(GatewayUnavailable):
        simulator.client().look(payment.id)


@pytest.mark.parametrize("way", ["card", "wallet"])
def test_a_disputed_payment_needs_a_person(simulator: Simulator, way: str) -> None:
    payment = ask(simulator.client())
    simulator.pay(payment.id, by=way)
    simulator.let_time_pass()
    url = f"{simulator.api_url}/payment-intents/{payment.id}/escrow/dispute"
    body = {"reason": "never came", "raisedBy": "somebody"}
    httpx.post(url, json=body, headers={"X-API-Key": KEY}, trust_env=False).raise_for_status()
    seen = simulator.client().look(payment.id)
    assert (seen.status, seen.awaits_release) == (PaymentStatus.NEEDS_ACTION, False)


def test_another_merchants_payment_is_none_of_ours(simulator: Simulator) -> None:
    payment = ask(simulator.client())
    with pytest.raises(GatewayUnavailable):
        simulator.client(key=RECORDED_KEYS[0]).look(payment.id)


@pytest.mark.parametrize("key", [CLOSED_KEY, "sk_test_unknown", "no_key_at_all"])
@pytest.mark.parametrize("profile", ["observed", "documented"])
def test_a_key_that_is_refused_is_no_payment_that_is_unknown(
    request: pytest.FixtureRequest, context: None, profile: str, key: str
) -> None:
    simulator: Simulator = request.getfixturevalue(f"{profile}_simulator")
    simulator.heal()
    with pytest.raises(GatewayUnavailable):
        simulator.client(key=key).look("intent_1")


def test_an_address_without_the_api_is_no_payment_that_is_unknown(simulator: Simulator) -> None:
    gateway = Finternet(base_url=f"{simulator.origin}/elsewhere", api_key=KEY)
    with pytest.raises(GatewayUnavailable):
        gateway.look("intent_1")
    with pytest.raises(PaymentUnknown):
        simulator.client().look("intent_1")


@pytest.mark.parametrize(
    ("key", "is_test_money"),
    [("sk_hackathon_1", True), ("sk_test_1", True), ("sk_live_1", False), ("other", False)],
)
def test_a_key_tells_whether_its_money_is_real(key: str, is_test_money: bool) -> None:
    assert Finternet(base_url="https://gateway.example", api_key=key).is_test_money is is_test_money


@pytest.mark.parametrize("key", ["", "sk_live_secret\n", "sk_live_sécret", "sk_live secret"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="visible ASCII") as refusal:
        Finternet(base_url="https://gateway.example", api_key=key)
    assert "live" not in str(refusal.value)


def test_the_key_is_in_no_log_and_no_complaint(
    simulator: Simulator, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = simulator.client(key="sk_test_notknownhere")
    with pytest.raises(GatewayUnavailable) as refusal:
        gateway.look("intent_1")
    printed = capfd.readouterr()
    written = [caplog.text, printed.out, printed.err, repr(gateway), repr(vars(gateway)), repr(refusal.value)]
    assert "gateway.refused" in "".join(written)
    assert "notknownhere" not in "".join(written)


@pytest.mark.parametrize(
    ("address", "full"),
    [
        ("https://api.example", "https://api.example/api/v1"),
        ("https://api.example/", "https://api.example/api/v1"),
        ("https://api.example/api/v1", "https://api.example/api/v1"),
        ("https://api.example/api/v1//", "https://api.example/api/v1"),
        ("http://127.0.0.1:9100/v1/", "http://127.0.0.1:9100/v1"),
    ],
)
def test_an_address_without_a_path_gets_one(address: str, full: str) -> None:
    assert api_url(address) == full


@pytest.mark.parametrize(
    "address", ["", "api.example", "ftp://api.example", "https://", "https://a/?b", "https://a#b"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        api_url(address)
