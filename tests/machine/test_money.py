"""A student, a teacher and their money through any sequence of deeds, retries and deaths."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import update
from werkzeug.test import TestResponse

from murph.core import clock
from murph.core.db import db
from murph.core.ids import new_id
from murph.gateways.payment.sandbox import Sandbox
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.session import service
from murph.session.models import SessionMeter
from murph.wallet import service as wallet
from murph.wallet.service import NothingToRefund, RefundTooLarge, TeacherBalanceShort
from tests.auth.people import Person, sign_up
from tests.course.builders import published_course
from tests.machine.model import Books
from tests.session.builders import rules, settle, watch
from tests.support.dying import dies_at
from tests.support.verdict import broken_invariants
from tests.wallet.wallets import confirm_payout, real_top_up, reject_payout

API = "/api/v1"
IS_TORTURE = os.environ.get("MURPH_TORTURE") == "1"
EXAMPLES, STEPS = (100, 50) if IS_TORTURE else (3, 25)
# A sequence that fails is not made shorter in an ordinary run, which that would keep for minutes.
PHASES = list(hypothesis.Phase) if IS_TORTURE else [hypothesis.Phase.generate]

POCKET_MINOR = 10_000

numbers = count(1)
amounts = st.integers(1, 6_000)
deaths = st.sampled_from([None, None, None, "before_commit", "after_commit"])
Death = str | None


def text(amount_minor: int) -> str:
    return f"{amount_minor // 100}.{amount_minor % 100:02d}"


@dataclass
class Sent:
    """A request that succeeded, and its answer."""

    path: str
    body: Any
    headers: dict[str, str]
    answer: bytes


class Till(Sandbox):
    """The sandbox under a name of its own, as its money is never paid out."""

    name = "till"
    is_test_money = False


class MoneyMachine(RuleBasedStateMachine):
    """What people and machines do with money, each deed perhaps in a process that dies of it."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        super().__init__()
        self.app, self.client, self.books = app, client, Books()
        app.extensions["murph_payment"] = Till(public_url=app.config["PUBLIC_URL"])
        self.sent: list[Sent] = []
        self.payouts: list[tuple[UUID, int]] = []
        self.bonuses: list[tuple[UUID, int]] = []

    @initialize(price_minor=st.integers(1, 900), seconds=st.integers(60, 600))
    def meet(self, price_minor: int, seconds: int) -> None:
        """Two new people, a course and one paid visit; what earlier examples left behind stays."""
        number = next(numbers)
        self.tess = sign_up(self.client, f"tess{number}@example.org", "teacher")
        self.stan = sign_up(self.client, f"stan{number}@example.org")
        self.price_minor = price_minor
        self.course = published_course(self.client, self.tess, price_per_minute=text(price_minor))
        self.codes = {
            "available": codes.user_available(self.stan.id),
            "locked": codes.user_locked(self.stan.id),
            "earned": codes.teacher_earned(self.tess.id),
            "payout_hold": codes.teacher_payout_hold(self.tess.id),
            "fee": codes.PLATFORM_FEE,
        }
        real_top_up(self.stan.id, POCKET_MINOR, clock.now())
        self.books.move("outside", "available", POCKET_MINOR)
        self.fee_before_minor = ledger.balance_minor(codes.PLATFORM_FEE)
        self.visit(seconds)

    def visit(self, seconds: int) -> None:
        """Watch for a while, so that there is something to refund and to pay out from the first deed on."""
        self.start(POCKET_MINOR, None)
        assert self.books.live is not None
        watch({"id": self.books.live.id}, seconds)
        self.books.live.used_ms = self.meter().used_ms
        self.end(None, False)
        self.settle(None)

    def teardown(self) -> None:
        """Leave nothing for a later example's workers to do."""
        if self.books.live is not None:
            key = UUID(self.books.live.id)
            service.end(session_id=key, reason="user", rules=rules(), at=clock.now())
        settle()

    # --- ways of doing things ---------------------------------------------------------------

    def post(self, path: str, body: Any, death: Death, *, person: Person | None = None) -> TestResponse:
        """Send a request under a key of its own, first from a process that dies of it if so wished."""
        headers = (person or self.stan).headers | {"Idempotency-Key": f"key-{next(numbers):08d}"}

        def send() -> TestResponse:
            return self.client.post(f"{API}{path}", json=body, headers=headers)

        if death is not None:
            dies_at(f"core.once:{death}", send)
        answer = send()
        if answer.status_code < 300:
            self.sent.append(Sent(path, body, headers, answer.data))
        return answer

    def do(self, label: str, deed: Callable[[], Any], death: Death) -> Any:
        """Do a worker's or an administrator's deed, which may be done again after a death."""
        if death is not None:
            dies_at(f"{label}:{death}", deed)
        return deed()

    # --- deeds ------------------------------------------------------------------------------

    @rule(amount=amounts, is_paid=st.booleans(), death=deaths)
    def top_up(self, amount: int, is_paid: bool, death: Death) -> None:
        """Pay money in on the sandbox's page, or decline to."""
        top_up = self.post("/payments/topups", {"amount": text(amount)}, None).get_json()
        page = top_up["payment_url"].partition("/pay/")[2]
        body = {"action": "confirm" if is_paid else "decline"}
        decide = lambda: self.client.post(f"/pay/{page}", json=body)  # noqa: E731
        assert self.do("wallet.record_look", decide, death).status_code == 200
        if is_paid:
            self.books.move("outside", "available", amount)

    @rule(locked=st.none() | amounts, death=deaths)
    def start(self, locked: int | None, death: Death) -> None:
        """Lock money and start the clock, or be told why not."""
        body = {"course_id": self.course["id"]} | ({} if locked is None else {"locked_amount": text(locked)})
        began_ms = clock.monotonic_ms()
        answer = self.post("/sessions/start", body, death)
        available = self.books.accounts["available"]
        wanted = min(3_000, available) if locked is None else locked
        if self.books.live is not None:
            assert (answer.status_code, answer.get_json()["code"]) == (409, "session_active")
        elif locked is not None and (locked + 1) * 60 - 1 < self.price_minor:
            assert (answer.status_code, answer.get_json()["code"]) == (422, "lock_too_small")
        elif wanted > available or (locked is None and available < self.price_minor):
            assert (answer.status_code, answer.get_json()["code"]) == (402, "insufficient_funds")
        else:
            assert answer.status_code == 201, answer.text
            self.reported_ms = began_ms
            self.books.start(answer.get_json()["id"], price_minor=self.price_minor, locked_minor=wanted)

    @precondition(lambda self: self.books.live)
    @rule(seconds=st.integers(0, 29), greed=st.sampled_from([1, 1, 5]), times=st.integers(1, 4))
    def watch(self, seconds: int, greed: int, times: int) -> None:
        """Let time pass and report it over REST, honestly or not; what is credited passed at most."""
        live = self.books.live
        assert live is not None
        for _ in range(times):
            if self.books.live is None:
                return
            began_ms = clock.monotonic_ms()
            self.let_pass(seconds)
            claim = {"duration_seconds": live.used_ms // 1000 + seconds * greed}
            path = f"{API}/sessions/{live.id}/metrics"
            assert self.client.patch(path, json=claim, headers=self.stan.headers).status_code == 200
            real_ms = clock.monotonic_ms() - self.reported_ms + 2  # as databases round
            self.reported_ms = began_ms
            self.read_meter(at_most_ms=live.used_ms + seconds * 1000 + real_ms)

    def let_pass(self, seconds: int) -> None:
        meter = self.meter()
        changed = update(SessionMeter).where(SessionMeter.session_id == meter.session_id)
        db.session.execute(changed.values(last_at=meter.last_at - timedelta(seconds=seconds)))
        db.session.commit()

    def meter(self) -> SessionMeter:
        assert self.books.live is not None
        db.session.rollback()
        return db.session.get_one(SessionMeter, UUID(self.books.live.id))

    def read_meter(self, *, at_most_ms: int) -> None:
        live, meter = self.books.live, self.meter()
        assert live is not None
        assert live.used_ms <= meter.used_ms <= min(at_most_ms, live.affordable_s * 1000)
        live.used_ms = meter.used_ms
        if live.used_ms == live.affordable_s * 1000:
            self.books.end()

    @precondition(lambda self: self.books.live)
    @rule(amount=amounts, death=deaths)
    def extend(self, amount: int, death: Death) -> None:
        """Add to the lock."""
        assert self.books.live is not None
        answer = self.post(f"/sessions/{self.books.live.id}/extend", {"amount": text(amount)}, death)
        if amount > self.books.accounts["available"]:
            assert (answer.status_code, answer.get_json()["code"]) == (402, "insufficient_funds")
        else:
            assert answer.status_code == 200, answer.text
            self.books.extend(amount)

    @precondition(lambda self: self.books.live)
    @rule(death=deaths, by_complete=st.booleans())
    def end(self, death: Death, by_complete: bool) -> None:
        """End the session; the receipt says what the model says."""
        live = self.books.live
        assert live is not None
        answer = self.post(f"/sessions/{live.id}/{'complete' if by_complete else 'end'}", None, death)
        self.books.end()
        receipt = answer.get_json()
        assert (answer.status_code, receipt["cost"]) == (200, text(live.cost_minor))
        assert receipt["used_seconds"] == live.used_ms // 1000

    @precondition(lambda self: self.books.live)
    @rule(death=deaths)
    def sweep(self, death: Death) -> None:
        """Let the session fall silent until the sweep ends it."""
        at = clock.now() + timedelta(minutes=20)
        service.sweep(rules=rules(), at=at)
        later = at + rules().confirmation
        self.do("session.attend", lambda: service.sweep(rules=rules(), at=later), death)
        self.books.end()

    @rule(death=deaths)
    def settle(self, death: Death) -> None:
        """Let the worker settle what ended."""
        self.do("session.settle", settle, death)
        self.books.settle()

    @rule(amount=amounts, death=deaths)
    def ask_for_a_payout(self, amount: int, death: Death) -> None:
        """Put earnings aside to be paid out."""
        answer = self.post("/payments/payouts", {"amount": text(amount)}, death, person=self.tess)
        if amount > self.books.accounts["earned"]:
            assert (answer.status_code, answer.get_json()["code"]) == (402, "insufficient_funds")
        else:
            assert answer.status_code == 201, answer.text
            self.books.move("earned", "payout_hold", amount)
            self.payouts.append((UUID(answer.get_json()["id"]), amount))

    @precondition(lambda self: self.payouts)
    @rule(is_paid=st.booleans(), death=deaths)
    def decide_a_payout(self, is_paid: bool, death: Death) -> None:
        """Let an administrator confirm or reject the oldest payout."""
        payout_id, amount = self.payouts.pop(0)
        if is_paid:
            confirm = partial(confirm_payout, payout_id, f"BANK-{payout_id}")
            self.do("wallet.confirm_payout", confirm, death)
        else:
            self.do("wallet.reject_payout", partial(reject_payout, payout_id), death)
        self.books.move("payout_hold", "outside" if is_paid else "earned", amount)

    @precondition(lambda self: self.books.paid)
    @rule(data=st.data(), platform_pays=st.booleans(), death=deaths)
    def refund(self, data: st.DataObject, platform_pays: bool, death: Death) -> None:
        """Let an administrator give a part of a payment back, or all that is left of it."""
        paid = data.draw(st.sampled_from(self.books.paid))
        left_minor = paid.cost_minor - paid.refunded_minor
        amount = data.draw(st.integers(0, left_minor + 1))
        deed = partial(
            wallet.refund,
            purpose="session",
            ref=paid.id,
            amount_minor=amount,
            reason="no sound",
            ticket=f"T-{next(numbers)}",
            platform_pays=platform_pays,
            at=clock.now(),
        )
        if paid.cost_minor == 0 or not 0 < amount <= left_minor:
            with pytest.raises((NothingToRefund, RefundTooLarge)):
                deed()
        elif self.books.refund(paid, amount, platform_pays=platform_pays):
            self.do("wallet.refund", deed, death)
        else:
            with pytest.raises(TeacherBalanceShort):
                deed()

    @rule(data=st.data(), bps=st.integers(500, 1_500), death=deaths)
    def reward(self, data: st.DataObject, bps: int, death: Death) -> None:
        """Pay a bonus for a review, of what settlements brought and no other bonus was for."""
        review_id, base = new_id(), data.draw(st.integers(0, self.books.unrewarded_minor))
        deed = partial(
            wallet.pay_bonus,
            review_id=review_id,
            teacher_id=self.tess.id,
            base_minor=base,
            bps=bps,
            currency="USD",
            at=clock.now(),
        )
        self.do("wallet.pay_bonus", deed, death)
        if amount := self.books.reward(base, bps):
            self.bonuses.append((review_id, amount))

    @precondition(lambda self: self.bonuses)
    @rule(death=deaths)
    def take_a_reward_back(self, death: Death) -> None:
        """Reverse the oldest bonus, unless the teacher no longer has it."""
        review_id, amount = self.bonuses[0]
        deed = partial(wallet.reverse_bonus, review_id=review_id, at=clock.now())
        if amount > self.books.accounts["earned"]:
            with pytest.raises(TeacherBalanceShort):
                deed()
        else:
            self.do("wallet.reverse_bonus", deed, death)
            self.books.move("earned", "bonus", amount)
            del self.bonuses[0]

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Send any earlier request once more: the same answer, and nothing else happens."""
        sent = data.draw(st.sampled_from(self.sent))
        answer = self.client.post(f"{API}{sent.path}", json=sent.body, headers=sent.headers)
        assert answer.headers["Idempotency-Replayed"] == "true"
        assert answer.data == sent.answer

    # --- what holds after each of them ------------------------------------------------------

    @invariant()
    def every_account_holds_what_the_model_says(self) -> None:
        """The books of the program and those of the model agree to the minor unit."""
        found = ledger.balances_minor(list(self.codes.values()))
        found[codes.PLATFORM_FEE] -= self.fee_before_minor
        expected = {code: self.books.accounts[name] for name, code in self.codes.items()}
        assert found == expected

    @invariant()
    def every_invariant_holds(self) -> None:
        """Nothing is broken by ``flask ledger verify``'s standards."""
        db.session.rollback()
        assert broken_invariants(self.app) == []


@pytest.mark.hypothesis
def test_no_sequence_of_deeds_loses_or_makes_money(app: Flask, client: FlaskClient) -> None:
    budget = hypothesis.settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        phases=PHASES,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_machine(lambda: MoneyMachine(app, client), settings=budget)  # type: ignore[arg-type]
