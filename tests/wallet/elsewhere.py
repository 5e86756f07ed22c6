"""A payment gateway far away, whose payments and moods the tests decide."""

from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from murph.core.db import db, in_transaction
from murph.gateways.payment.port import (
    Credit,
    GatewayUnavailable,
    KeyRefused,
    NotDone,
    Payment,
    PaymentStatus,
    PaymentUnknown,
)
from murph.wallet import service as wallet
from murph.wallet.models import TopUp
from tests.wallet.wallets import AT


class Elsewhere:
    """Behaves as the port says; counts what it is asked, and refuses to be asked inside a transaction."""

    def __init__(self, *, name: str = "elsewhere", is_test_money: bool = False) -> None:
        self.name = name
        self.is_test_money = is_test_money
        self.payments: dict[str, Payment] = {}
        self.references: dict[str, str] = {}
        self.looks: list[str] = []
        self.releases: list[str] = []
        self.extra_credits: list[Credit] = []
        self.is_away = False
        self.refuses_key = False
        self.unanswerable: set[str | None] = set()
        self.loses_answers = False
        self.loses_releases = False
        self.refuses_releases = False
        self._one_at_a_time = Lock()

    def create(self, *, reference: str, amount_minor: int, currency: str, description: str) -> Payment:
        self._answer_or_not()
        with self._one_at_a_time:
            key = f"intent_{len(self.payments) + 1}"
            url = f"https://pay.example.org/{key}"
            self.payments[key] = Payment(key, PaymentStatus.OPEN, amount_minor, currency, url)
            self.references[key] = reference
        self._lose_answer()
        return self.payments[key]

    def look(self, payment_id: str) -> Payment:
        self._answer_or_not()
        self.looks.append(payment_id)
        if payment_id in self.unanswerable:
            raise GatewayUnavailable
        if payment_id not in self.payments:
            raise PaymentUnknown
        return self.payments[payment_id]

    def release(self, payment_id: str, *, reference: str) -> None:
        self._answer_or_not()
        assert self.references[payment_id] == reference
        if self.refuses_releases:
            raise NotDone
        self.releases.append(payment_id)
        if self.loses_releases:
            raise GatewayUnavailable
        if self.loses_answers and self.payments[payment_id].status is PaymentStatus.FUNDED:
            self.turn(payment_id, status=PaymentStatus.PROCESSING)  # its order is no longer pending
        else:
            self.turn(payment_id, status=PaymentStatus.PAID)
        self._lose_answer()

    def check_access(self) -> None:
        self._answer_or_not()

    def credits(self) -> list[Credit]:
        self._answer_or_not()
        paid = [each for each in self.payments.values() if each.status is PaymentStatus.PAID]
        return [Credit(each.id, each.amount_minor, each.currency) for each in paid] + self.extra_credits

    def turn(self, payment_id: str | None, **changes: Any) -> None:
        """Change what the gateway says of a payment, e.g. its status; what is funded awaits its release."""
        assert payment_id is not None
        changes = {"awaits_release": changes.get("status") is PaymentStatus.FUNDED, **changes}
        self.payments[payment_id] = replace(self.payments[payment_id], **changes)

    def _answer_or_not(self) -> None:
        assert not in_transaction()
        if self.is_away:
            raise GatewayUnavailable
        if self.refuses_key:
            raise KeyRefused from ValueError("401 invalid_api_key")

    def _lose_answer(self) -> None:
        if self.loses_answers:
            raise GatewayUnavailable


def asked(gateway: Elsewhere, user_id: UUID, amount_minor: int = 5000, at: datetime = AT) -> TopUp:
    """Ask for a top-up and its payment."""
    intent = wallet.request_top_up(
        user_id=user_id, amount_minor=amount_minor, currency="USD", gateway=gateway, at=at
    )
    return wallet.open_payment(top_up_id=intent.id, gateway=gateway, at=at)


def poll(gateway: Elsewhere, at: datetime) -> int:
    """Let the poll run once; return how many payments it looked at."""
    before = len(gateway.looks)
    while wallet.check_next_top_up(gateway=gateway, at=at):
        pass
    return len(gateway.looks) - before


def found(top_up: TopUp) -> TopUp:
    """Return a top-up as it stands."""
    db.session.rollback()
    return db.session.get_one(TopUp, top_up.id, populate_existing=True)
