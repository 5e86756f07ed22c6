"""What the recordings do not show: the documented profile, its events, the page, the command."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import httpx
import pytest
from coincurve import PrivateKey

from murph.gateways.payment.finternet import SIGNATURE_HEADER, Event, read_event
from murph.gateways.payment.simulator import ethereum
from tests.support.processes import ROOT, Child, free_port
from tests.support.simulator import KEY, SECRET, Simulator, running_simulator

BODY = {
    "amount": "30.00",
    "currency": "USD",
    "type": "DELIVERY_VS_PAYMENT",
    "settlementMethod": "OFF_RAMP_MOCK",
    "settlementDestination": "bank",
}
RETRY_S = 60


class Receiver:
    """A merchant's server that takes events, or refuses as many as it is told to."""

    def __init__(self) -> None:
        self.arrived: SimpleQueue[Event] = SimpleQueue()
        self.refuse = 0
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def next(self) -> Event:
        """Return the next event, which must come soon."""
        return self.arrived.get(timeout=10)

    def is_quiet(self) -> bool:
        """Tell whether nothing more comes for a moment."""
        try:
            self.arrived.get(timeout=0.2)
        except Empty:
            return True
        return False

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = read_event(body, signature=self.headers[SIGNATURE_HEADER], secret=SECRET)
                refused, receiver.refuse = receiver.refuse > 0, max(0, receiver.refuse - 1)
                receiver.arrived.put(event)
                self.send_response(503 if refused else 204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture(scope="module")
def _telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Simulator, Receiver]]:
    receiver = Receiver()
    options = ["--profile=documented", f"--webhook-url={receiver.url}", f"--webhook-retries={RETRY_S}"]
    with running_simulator(tmp_path_factory.mktemp("telling"), *options) as simulator:
        yield simulator, receiver
    receiver.close()


@pytest.fixture
def telling(_telling: tuple[Simulator, Receiver]) -> Simulator:
    """A simulator with nothing left to tell."""
    simulator, receiver = _telling
    receiver.refuse = 0
    simulator.heal()
    simulator.let_time_pass()
    while not receiver.is_quiet():
        pass
    return simulator


@pytest.fixture
def receiver(_telling: tuple[Simulator, Receiver]) -> Receiver:
    return _telling[1]


def ask(simulator: Simulator, **more: Any) -> httpx.Response:
    return post(simulator, "/payment-intents", BODY | more)


def post(simulator: Simulator, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    url = simulator.api_url + path
    return httpx.post(url, json=body, headers={"X-API-Key": KEY, **headers}, trust_env=False, verify=False)


def test_events_are_signed_as_documented_and_name_the_payment(telling: Simulator, receiver: Receiver) -> None:
    payment_id = ask(telling).json()["id"]
    created = receiver.next()
    assert (created.type, created.payment_id) == ("payment_intent.created", payment_id)
    telling.pay(payment_id)
    changed, ordered = receiver.next(), receiver.next()
    assert (changed.type, ordered.type) == ("payment_intent.status_changed", "escrow_order.created")
    assert changed.payment_id == ordered.payment_id == payment_id
    assert len({created.id, changed.id, ordered.id}) == 3


def test_an_event_that_was_refused_comes_again_under_the_same_id(
    telling: Simulator, receiver: Receiver
) -> None:
    receiver.refuse = 1
    ask(telling)
    first = receiver.next()
    assert receiver.is_quiet()
    telling.let_time_pass(RETRY_S + 1)
    assert receiver.next() == first
    telling.let_time_pass(RETRY_S + 1)
    assert receiver.is_quiet()


def test_an_event_is_given_up_after_the_last_retry(telling: Simulator, receiver: Receiver) -> None:
    receiver.refuse = 100
    ask(telling)
    receiver.next()
    assert receiver.is_quiet()
    telling.let_time_pass(RETRY_S + 1)
    receiver.next()
    telling.let_time_pass(RETRY_S + 1)
    assert receiver.is_quiet()


def test_events_can_come_twice(telling: Simulator, receiver: Receiver) -> None:
    telling.control(duplicate_webhooks=True)
    ask(telling)
    assert receiver.next() == receiver.next()
    assert receiver.is_quiet()


def test_events_can_overtake_each_other(telling: Simulator, receiver: Receiver) -> None:
    telling.control(reorder_webhooks=True)
    payment_id = ask(telling).json()["id"]
    telling.pay(payment_id)
    assert receiver.next().type == "payment_intent.status_changed"
    telling.let_time_pass()
    assert sorted(receiver.next().type for _ in range(2)) == [
        "escrow_order.created",
        "payment_intent.created",
    ]


def test_the_documented_profile_repeats_an_answer_for_its_key(documented_simulator: Simulator) -> None:
    documented_simulator.heal()
    first = post(documented_simulator, "/payment-intents", BODY, **{"Idempotency-Key": "k1"})
    again = post(documented_simulator, "/payment-intents", BODY, **{"Idempotency-Key": "k1"})
    other = post(documented_simulator, "/payment-intents", BODY, **{"Idempotency-Key": "k2"})
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json() != other.json()
    assert int(first.headers["X-RateLimit-Limit"]) == 50
    assert 0 <= int(first.headers["X-RateLimit-Remaining"]) < 50
    assert int(first.headers["X-RateLimit-Reset"]) >= int(documented_simulator.state()["now"])


@pytest.mark.parametrize("amount", ["0", "-5.00", "abc", "0.0000001"])
def test_the_documented_profile_refuses_what_is_no_price(
    documented_simulator: Simulator, amount: str
) -> None:
    documented_simulator.heal()
    answer = ask(documented_simulator, amount=amount)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "invalid_request", "amount")


def test_the_documented_profile_declines_the_card_that_is_for_that(documented_simulator: Simulator) -> None:
    documented_simulator.heal()
    payment_id = ask(documented_simulator).json()["id"]
    card = {"cardNumber": "4000 0000 0000 0002", "expiry": "12/99", "cvv": "123", "name": "Ada"}
    answer = post(documented_simulator, f"/payment-intents/public/{payment_id}/payment", {"card": card})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "payment_failed")


def test_a_person_pays_on_the_page_that_a_payment_leads_to(observed_simulator: Simulator) -> None:
    observed_simulator.heal()
    url = ask(observed_simulator, description="<b>Top-up").json()["data"]["paymentUrl"]
    with httpx.Client(trust_env=False, verify=False) as browser:
        page = browser.get(url)
        assert "30.00 USD" in page.text
        assert "<b>Top-up" not in page.text
        card = {"cardNumber": "4242 4242 4242 4241", "expiry": "12/99", "cvv": "123", "name": "Ada"}
        refused = browser.post(url, data=card)
        assert (refused.status_code, "Invalid card number" in refused.text) == (400, True)
        paid = browser.post(url, data=card | {"cardNumber": "4242 4242 4242 4242"})
        assert "Status: PROCESSING" in paid.text


def test_typed_data_is_hashed_as_the_standard_says() -> None:
    # The empty text's Keccak-256, and the address of the key 1, as published.
    assert ethereum.keccak256(b"").hex().startswith("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b")
    one = PrivateKey.from_int(1)
    assert ethereum.address(one.public_key) == "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"
    digest = ethereum.digest("intent_1", 30_000_000)
    raw = one.sign_recoverable(digest, hasher=None)
    signature = "0x" + raw[:64].hex() + f"{raw[64] + 27:02x}"
    assert ethereum.signer(signature, digest) == ethereum.address(one.public_key)
    assert ethereum.signer(signature, ethereum.digest("intent_1", 1)) != ethereum.address(one.public_key)


def test_a_switch_that_does_not_exist_is_refused(observed_simulator: Simulator) -> None:
    answer = httpx.post(f"{observed_simulator.origin}/_control", json={"nonsense": 1}, trust_env=False)
    assert answer.status_code == 400
    assert "no such fault: nonsense" in answer.text


def test_a_switch_may_be_sent_under_any_type(observed_simulator: Simulator) -> None:
    url = f"{observed_simulator.origin}/_control"
    for content, status in ((b'{"errors": 0}', 200), (b"errors=0", 400), (b"", 400)):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert httpx.post(url, content=content, headers=headers, trust_env=False).status_code == status


def test_events_go_to_the_murph_of_the_settings_and_a_loss_says_where(tmp_path: Path) -> None:
    log, silent = tmp_path / "simulator.log", free_port()
    command = [sys.executable, "-m", "flask", "wallet", "simulator", "--port=0", "--profile=documented"]
    env = {"INSTANCE_PATH": str(tmp_path), "PORT": str(silent)}
    with Child("simulator", [*command, f"--key={KEY}"], log=log, env=env) as child:
        child.wait_until(lambda: "Switches:" in log.read_text())
        found = re.search(r"FINTERNET_API_URL=(\S+)/api/v1", log.read_text())
        assert found
        ask(Simulator(found[1], child))
        child.wait_until(lambda: "webhook.not_delivered" in log.read_text())
    assert f"http://127.0.0.1:{silent}/api/v1/payments/webhooks/finternet" in log.read_text()
    assert "--webhook-url" in log.read_text()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--fault=nonsense=1"], "no such fault: nonsense"),
        (["--fault=errors=many"], "errors"),
        (["--webhook-retries=soon"], "expected seconds"),
        (["--profile=imagined"], "imagined"),
        (["--port=99999"], "--port"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(options: list[str], complaint: str) -> None:
    command = [sys.executable, "-m", "murph.gateways.payment.simulator", "--port=0", *options]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode != 0
    assert complaint in ran.stderr


def test_the_command_says_when_its_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "murph.gateways.payment.simulator", f"--port={port}"]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert f"Cannot listen on port {port} of 127.0.0.1: Address already in use" in ran.stderr
    assert "Name another with --port." in ran.stderr
