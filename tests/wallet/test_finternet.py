"""Topping up through the real client, at a simulator of the gateway in a process of its own."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from flask import Flask
from sqlalchemy import select

from murph.core import clock
from murph.core.db import db
from murph.gateways.payment.finternet import Finternet
from murph.gateways.payment.port import GatewayUnavailable
from murph.wallet import service as wallet
from murph.wallet.models import TopUp
from tests.attacks.test_crash_points import die_at
from tests.ledger.tampering import broken
from tests.support.house import House
from tests.support.people import Student
from tests.support.processes import wait_until
from tests.support.simulator import KEY, SECRET, Simulator, running_simulator
from tests.support.valkey import Valkey
from tests.wallet.wallets import person

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database

PROOF = r"^POST .*/delivery-proof$"
CREATE = r"^POST .*/payment-intents$"


@pytest.fixture(scope="module")
def _simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running_simulator(tmp_path_factory.mktemp("simulator"), "--settle-delay=0") as simulator:
        yield simulator


@pytest.fixture
def simulator(_simulator: Simulator) -> Simulator:
    _simulator.heal()
    return _simulator


@pytest.fixture
def gateway(app: Flask, simulator: Simulator) -> Finternet:
    """The gateway in use."""
    client = simulator.client()
    app.extensions["murph_payment"] = client
    return client


def asked(gateway: Finternet) -> TopUp:
    at = clock.now()
    intent = wallet.request_top_up(
        user_id=person(), amount_minor=3050, currency="USD", gateway=gateway, at=at
    )
    return wallet.open_payment(top_up_id=intent.id, gateway=gateway, at=at)


def check(top_up: TopUp, gateway: Finternet) -> TopUp:
    return wallet.check_top_up(top_up_id=top_up.id, gateway=gateway, at=clock.now())


def proofs(gateway: Finternet, top_up: TopUp) -> int:
    """Return how often the gateway paid out, which it does for every proof of delivery."""
    return sum(credit.payment_id == top_up.payment_id for credit in gateway.credits())


@pytest.mark.parametrize("by", ["card", "wallet"])
def test_a_payment_is_opened_paid_found_released_and_credited(
    simulator: Simulator, gateway: Finternet, by: str
) -> None:
    top_up = asked(gateway)
    assert (top_up.gateway, top_up.is_test_money) == ("finternet_test", True)
    assert urlsplit(top_up.payment_url or "").query == f"intent={top_up.payment_id}"
    assert check(top_up, gateway).gateway_status == "open"
    simulator.pay(str(top_up.payment_id), by=by)
    simulator.let_time_pass()
    check(top_up, gateway)

    assert (check(top_up, gateway).status, wallet.available_minor(top_up.user_id)) == ("paid", 3050)
    assert proofs(gateway, top_up) == 1
    assert broken() == {}


def paid_by_wallet(simulator: Simulator, gateway: Finternet) -> TopUp:
    """Return a top-up that was credited, while the gateway keeps the money."""
    top_up = asked(gateway)
    simulator.pay(str(top_up.payment_id), by="wallet")
    simulator.let_time_pass()
    assert check(top_up, gateway).status == "paid"
    assert wallet.available_minor(top_up.user_id) == 3050
    return top_up


def at_the_gateway(simulator: Simulator, top_up: TopUp) -> tuple[str, int]:
    """Return how a payment stands there, and how often its delivery was proven."""
    url = f"{simulator.api_url}/payment-intents/{top_up.payment_id}"
    with httpx.Client(headers={"X-API-Key": KEY}, trust_env=False) as http:
        status, order = http.get(url).json()["status"], http.get(f"{url}/escrow").json()
    return status, len(order["data"]["deliveryProofs"])


def test_what_a_wallet_paid_is_credited_at_once_and_then_released_to_the_platform(
    simulator: Simulator, gateway: Finternet
) -> None:
    top_up = paid_by_wallet(simulator, gateway)
    assert at_the_gateway(simulator, top_up) == ("SUCCEEDED", 0)
    for hours in range(1, 4):
        poll(gateway, at=clock.now() + timedelta(hours=hours))
        simulator.let_time_pass()

    assert at_the_gateway(simulator, top_up) == ("SETTLED", 1)
    assert wallet.available_minor(top_up.user_id) == 3050
    assert broken() == {}


def test_the_lost_release_of_what_a_wallet_paid_is_not_repeated(
    simulator: Simulator, gateway: Finternet
) -> None:
    top_up = paid_by_wallet(simulator, gateway)
    simulator.control(stuck_processing=True, lost_answers=1, only=PROOF)
    for hours in range(1, 4):
        poll(gateway, at=clock.now() + timedelta(hours=hours))

    assert at_the_gateway(simulator, top_up) == ("SUCCEEDED", 1)
    assert wallet.available_minor(top_up.user_id) == 3050


@pytest.mark.parametrize("label", ["record_look", "mark_released"])
@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_wherever_a_process_dies_what_a_wallet_paid_is_never_released_twice(
    simulator: Simulator, gateway: Finternet, label: str, moment: str
) -> None:
    top_up, now = paid_by_wallet(simulator, gateway), clock.now()
    die_at(f"wallet.{label}:{moment}", lambda: poll(gateway, at=now + timedelta(hours=1)))
    for hours in range(2, 5):
        poll(gateway, at=now + timedelta(hours=hours))
        simulator.let_time_pass()
    assert at_the_gateway(simulator, top_up) == ("SETTLED", 1)
    assert wallet.available_minor(top_up.user_id) == 3050
    assert broken() == {}


def test_a_release_whose_answer_is_lost_is_not_repeated_and_credited_all_the_same(
    simulator: Simulator, gateway: Finternet
) -> None:
    top_up = asked(gateway)
    simulator.pay(str(top_up.payment_id))
    simulator.control(lost_answers=1, only=PROOF)
    with pytest.raises(GatewayUnavailable):
        check(top_up, gateway)
    for _ in range(3):
        simulator.let_time_pass()
        status = check(top_up, gateway).status

    assert (status, wallet.available_minor(top_up.user_id)) == ("paid", 3050)
    assert proofs(gateway, top_up) == 1


@pytest.mark.parametrize(("fault", "minutes"), [("rate_limits", 1), ("errors", 11)])
def test_a_release_that_met_a_refusal_or_an_error_is_made_once_later(
    simulator: Simulator, gateway: Finternet, fault: str, minutes: int
) -> None:
    top_up, now = asked(gateway), clock.now()
    simulator.pay(str(top_up.payment_id))
    simulator.control(**{fault: 1}, only=PROOF)
    with pytest.raises(GatewayUnavailable):
        check(top_up, gateway)
    assert proofs(gateway, top_up) == 0
    for seconds in (0, 5, 10):
        at = now + timedelta(minutes=minutes, seconds=seconds)
        wallet.check_top_up(top_up_id=top_up.id, gateway=gateway, at=at)
        simulator.let_time_pass()

    assert (wallet.available_minor(top_up.user_id), proofs(gateway, top_up)) == (3050, 1)


def test_an_opening_whose_answer_is_lost_is_opened_anew_and_paid_once(
    simulator: Simulator, gateway: Finternet
) -> None:
    simulator.control(lost_answers=1, only=CREATE)
    with pytest.raises(GatewayUnavailable):
        asked(gateway)
    (lost,) = wallet_rows()
    assert (lost.status, lost.payment_id) == ("pending", None)
    assert check(lost, gateway).payment_id is not None
    simulator.pay(str(lost.payment_id))
    for _ in range(2):
        check(lost, gateway)
        simulator.let_time_pass()

    assert wallet.available_minor(lost.user_id) == 3050
    assert broken() == {}


@pytest.mark.parametrize(
    ("fault", "kind"), [("requires_action", "needs_action"), ("stuck_processing", "stuck")]
)
def test_what_is_stuck_is_kept_and_reported(
    simulator: Simulator, gateway: Finternet, fault: str, kind: str
) -> None:
    simulator.control(**{fault: True})
    top_up = asked(gateway)
    simulator.pay(str(top_up.payment_id), by="wallet")
    simulator.let_time_pass(3600 * 24)
    assert check(top_up, gateway).status == "pending"
    report = wallet.reconcile(gateway=gateway, at=clock.now() + timedelta(hours=2))
    found = [each.kind for each in report.remaining if each.top_up_id == top_up.id]

    assert (found, wallet.available_minor(top_up.user_id)) == ([kind], 0)
    assert proofs(gateway, top_up) == 0


MOMENTS = ("before_commit", "after_commit")
VERBS = ("request_top_up", "record_payment", "claim_top_up", "record_look", "mark_released", "postpone_look")


@pytest.mark.parametrize("label", [f"{verb}:{moment}" for verb in VERBS for moment in MOMENTS])
def test_wherever_a_process_dies_its_payment_is_credited_once_and_never_released_twice(
    simulator: Simulator, gateway: Finternet, label: str
) -> None:
    ada, now = person(), clock.now()

    def pay_in() -> None:
        intent = wallet.request_top_up(
            user_id=ada, amount_minor=3050, currency="USD", gateway=gateway, at=now
        )
        opened = wallet.open_payment(top_up_id=intent.id, gateway=gateway, at=now)
        simulator.pay(str(opened.payment_id))
        if label.startswith("postpone_look"):
            simulator.control(errors=3)
        poll(gateway, at=now + timedelta(minutes=1))

    die_at(f"wallet.{label}", pay_in)
    simulator.heal()
    if label == "mark_released:after_commit":
        remaining = wallet.reconcile(gateway=gateway, at=now + timedelta(minutes=5)).remaining
        assert [each.kind for each in remaining if each.top_up_id] == ["released_not_paid"]
    if wallet_rows() == []:
        pay_in()  # nothing is left of the first try
    for minutes in range(5, 60, 5):
        poll(gateway, at=now + timedelta(minutes=minutes))
        simulator.let_time_pass()
        (top_up,) = wallet_rows()
        if top_up.released_at is None and top_up.gateway_status == "open":
            simulator.pay(str(top_up.payment_id))  # its first payment was never shown to anybody
    assert (wallet.available_minor(ada), proofs(gateway, top_up)) == (3050, 1)
    assert broken() == {}


def poll(gateway: Finternet, *, at: datetime) -> None:
    while wallet.check_next_top_up(gateway=gateway, at=at):
        pass


def wallet_rows() -> list[TopUp]:
    db.session.rollback()
    return list(db.session.scalars(select(TopUp).execution_options(populate_existing=True)))


@pytest.mark.only_sqlite
def test_a_running_house_takes_a_payment_found_by_an_event(
    database: str, valkey: Valkey, tmp_path: Path
) -> None:
    """Web server, worker and clock as they run for real, with the events the gateway pushes."""
    house = House(database, valkey, tmp_path)
    webhook = f"{house.url}/api/v1/payments/webhooks/finternet"
    folder = tmp_path / "simulator"
    folder.mkdir()
    with running_simulator(folder, "--profile=documented", f"--webhook-url={webhook}") as simulator:
        house.env |= {
            "FINTERNET_API_URL": simulator.origin,
            "FINTERNET_API_KEY": KEY,
            "FINTERNET_WEBHOOK_SECRET": SECRET,
        }
        with house:
            student = Student(house.url, money=None)
            asked = student.post("/payments/topups", {"amount": "30.50"}, status=201)
            assert (asked["gateway"], asked["test_money"]) == ("finternet_test", True)
            assert student.get(f"/payments/topups/{asked['id']}")["status"] == "pending"
            payment_id = house.row("SELECT payment_id FROM top_up").payment_id
            simulator.pay(payment_id)
            wait_until(lambda: student.balance["available"] == "30.50", within_s=40, what="the credit")
            assert house.rows("SELECT id FROM gateway_event WHERE payment_id = :id", id=payment_id)
            assert student.get(f"/payments/topups/{asked['id']}")["status"] == "paid"
            assert house.broken_invariants() == []
            assert house.flask("wallet", "reconcile")["ok"]
