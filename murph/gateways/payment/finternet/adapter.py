"""Finternet behind the port: its words and amounts put into ours."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import structlog

from murph.core import money
from murph.gateways.payment.finternet.client import Client, Conversation, Refusal
from murph.gateways.payment.port import (
    FINTERNET,
    FINTERNET_TEST,
    Credit,
    GatewayUnavailable,
    KeyRefused,
    NotDone,
    Payment,
    PaymentStatus,
    PaymentUnknown,
)

TIMEOUT_S = 30.0
LOOK_TIMEOUT_S = 10.0
"""For looks, which are many, may be repeated, and keep a worker from other jobs."""
ACCESS_TIMEOUT_S = 3.0
REFUSES_KEY = (401, 403)
KEY_MENDED_WITHIN_S = 3600
"""After how long it may be worth while to try again with a key that is refused now."""
TEST_KEY_PREFIXES = ("sk_hackathon_", "sk_test_")
PAGE_SIZE = 100
MAX_PAGES = 10_000

_INTENTS = "/payment-intents"
_LEAVES_OPEN = (408, 409)
"""Refusals that may mean an equal request before them, or what a proxy did not wait for."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
_STATUSES = {
    "INITIATED": PaymentStatus.OPEN,
    "REQUIRES_SIGNATURE": PaymentStatus.OPEN,
    "PAYMENT_CONFIRMED": PaymentStatus.PROCESSING,
    "PROCESSING": PaymentStatus.PROCESSING,
    # Whether the gateway then settles with the platform's bank is not the payer's affair. From a wallet
    # a payment succeeds before its release, by card after it.
    "SUCCEEDED": PaymentStatus.PAID,
    "SETTLED": PaymentStatus.PAID,
    "FINAL": PaymentStatus.PAID,
    "REQUIRES_ACTION": PaymentStatus.NEEDS_ACTION,
    "CANCELED": PaymentStatus.CANCELED,
}

log = structlog.get_logger(__name__)


class Finternet:
    """The Finternet payment gateway under one merchant's key.

    Raises:
        ValueError: the address or the key cannot be one.
    """

    def __init__(self, *, base_url: str, api_key: str, timeout_s: float = TIMEOUT_S) -> None:
        self.is_test_money = api_key.startswith(TEST_KEY_PREFIXES)
        # Two names, and so two accounts in the ledger: what was paid in test money is told apart for ever.
        self.name = FINTERNET_TEST if self.is_test_money else FINTERNET
        self._client = Client(base_url=base_url, api_key=api_key)
        self._timeout_s, self._look_timeout_s = timeout_s, min(timeout_s, LOOK_TIMEOUT_S)

    def create(self, *, reference: str, amount_minor: int, currency: str, description: str) -> Payment:
        """Ask for a payment into escrow; a consented pull would never finish when paid by card."""
        if amount_minor <= 0:
            raise ValueError("a payment is for more than nothing")  # the gateway would accept it
        body = {
            "amount": money.to_text(amount_minor, currency),
            "currency": currency,
            "type": "DELIVERY_VS_PAYMENT",
            "settlementMethod": "OFF_RAMP_MOCK",
            "settlementDestination": "murph",
            "description": description,
            "metadata": {"reference": reference},
        }
        with self._conversation() as gateway:
            return _payment(gateway.post(_INTENTS, body, key=f"create-{reference}"))

    def look(self, payment_id: str) -> Payment:
        """Return how a payment stands; what is being processed or has succeeded may lie in escrow."""
        path = _path(payment_id)
        with self._conversation(self._look_timeout_s) as gateway:
            answer = gateway.get(path)
            return _payment(answer, _order_status(gateway, path) if _may_be_in_escrow(answer) else "")

    def release(self, payment_id: str, *, reference: str) -> None:
        """Submit the one delivery proof; the gateway would pay a second one again."""
        path = f"{_path(payment_id)}/escrow/delivery-proof"
        proof = {
            "proofHash": "0x" + hashlib.sha256(reference.encode()).hexdigest(),
            "submittedBy": "murph",
        }
        with self._conversation() as gateway:
            gateway.post(path, proof, key=f"release-{reference}")

    def check_access(self) -> None:
        """Ask for the merchant's balance, which only a good key gets to see."""
        with self._conversation(ACCESS_TIMEOUT_S) as gateway:
            gateway.get(f"{_INTENTS}/account/balance")

    def credits(self) -> list[Credit]:
        """Return the merchant's credits, the newest first; the gateway may have booked some twice."""
        found: dict[str, dict[str, Any]] = {}  # by id, as new ones push others onto the next page
        offset = 0
        for _ in range(MAX_PAGES):
            with self._conversation() as gateway:
                page = _ledger_page(gateway, offset)
            if not page:
                return [_credit(entry) for entry in found.values() if entry["transactionType"] == "CREDIT"]
            found |= {str(entry["id"]): entry for entry in page}
            offset += len(page)
        raise GatewayUnavailable

    @contextmanager
    def _conversation(self, timeout_s: float | None = None) -> Iterator[Conversation]:
        try:
            with self._client.conversation(timeout_s=timeout_s or self._timeout_s) as gateway:
                yield gateway
        except Refusal as refusal:
            if (refusal.status, refusal.code) == (404, "resource_missing"):
                raise PaymentUnknown from refusal
            if refusal.status in REFUSES_KEY:
                log.error("gateway.key_refused", setting="FINTERNET_API_KEY", answer=str(refusal))
                raise KeyRefused(retry_after_s=KEY_MENDED_WITHIN_S) from refusal
            outcome = GatewayUnavailable if refusal.status in _LEAVES_OPEN else NotDone
            raise outcome(retry_after_s=refusal.retry_after_s or 2) from refusal


def _path(payment_id: str) -> str:
    if not _ID.fullmatch(payment_id):
        raise PaymentUnknown
    return f"{_INTENTS}/{payment_id}"


def _field(answer: dict[str, Any], name: str) -> Any:
    """Return a field of ``data``, or of the envelope when it is not there."""
    data = answer.get("data")
    return data[name] if isinstance(data, dict) and name in data else answer.get(name)


def _text(answer: dict[str, Any], name: str) -> str:
    value = _field(answer, name)
    return value if isinstance(value, str) else ""


def _may_be_in_escrow(answer: dict[str, Any]) -> bool:
    """Tell whether an order would mean money: while a transaction is awaited there is one without any."""
    status = _text(answer, "status")
    return status == "SUCCEEDED" or (status == "PROCESSING" and not _field(answer, "transactionHash"))


def _order_status(gateway: Conversation, path: str) -> str:
    """Return the word for how the escrow order stands, or "" when there is none."""
    try:
        return _text(gateway.get(f"{path}/escrow"), "orderStatus")
    except Refusal as refusal:
        if refusal.code == "resource_missing":
            return ""
        raise


def _payment(answer: dict[str, Any], order_status: str = "") -> Payment:
    payment_id, currency = _text(answer, "id"), _text(answer, "currency")
    status = _STATUSES.get(_text(answer, "status"))
    if status is None or not _ID.fullmatch(payment_id):
        log.warning("gateway.not_understood", payment_id=payment_id, status=_text(answer, "status"))
        raise GatewayUnavailable
    if order_status == "DISPUTED":
        status = PaymentStatus.NEEDS_ACTION
    elif order_status == "PENDING" and status is PaymentStatus.PROCESSING:
        status = PaymentStatus.FUNDED
    url = _text(answer, "paymentUrl")
    return Payment(
        id=payment_id,
        status=status,
        amount_minor=_minor(_field(answer, "amount"), currency),
        currency=currency,
        url=url if url.startswith(("https://", "http://")) else None,
        awaits_release=order_status == "PENDING",
    )


def _ledger_page(gateway: Conversation, offset: int) -> list[dict[str, Any]]:
    path = f"{_INTENTS}/account/ledger-entries"
    page = gateway.get(path, limit=PAGE_SIZE, offset=offset, transactionType="CREDIT").get("data")
    if not isinstance(page, list) or not all(_is_entry(entry) for entry in page):
        raise GatewayUnavailable
    return page


def _is_entry(entry: object) -> bool:
    return isinstance(entry, dict) and {"id", "transactionType", "paymentIntentId"} <= entry.keys()


def _credit(entry: dict[str, Any]) -> Credit:
    currency = _text(entry, "currency")
    amount_minor = _minor(entry.get("amount"), currency)
    return Credit(payment_id=str(entry["paymentIntentId"]), amount_minor=amount_minor, currency=currency)


def _minor(amount: object, currency: str) -> int | None:
    """Return minor units, or None for what is no amount in the currency's places."""
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
        return None
    scaled = Decimal(amount).scaleb(money.places(currency))
    return int(scaled) if scaled == scaled.to_integral_value() else None
