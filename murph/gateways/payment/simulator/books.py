"""The merchant's ledger, with the habits that make it untrustworthy."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from murph.gateways.payment.simulator.world import Intent, Merchant, World

_DEFAULT_LIMIT = 100


def credit(
    world: World, merchant: Merchant, intent: Intent, amount: str, description: str, metadata: dict[str, Any]
) -> None:
    """Give the merchant an amount for a payment."""
    before, merchant.available = merchant.available, merchant.available + Decimal(amount)
    _enter(world, merchant, intent, "CREDIT", amount, before, description, metadata)


def settle(world: World, intent: Intent, amount: str) -> None:
    """Take an amount out to the merchant's bank, twice: once reserved and once settled."""
    merchant, value = intent.merchant, Decimal(amount)
    destination = intent.settlement_destination
    before, merchant.available = merchant.available, merchant.available - value
    merchant.reserved += value
    _enter(
        world,
        merchant,
        intent,
        "RESERVE",
        amount,
        before,
        f"Reserve for settlement: {intent.settlement_method}",
        {"settlementDestination": destination},
    )
    before, merchant.available = merchant.available, merchant.available - value
    entry = _enter(
        world,
        merchant,
        intent,
        "SETTLEMENT",
        amount,
        before,
        f"Off-ramp settlement via {intent.settlement_method}",
        _bank(world, intent),
    )
    entry["settlementMethod"], entry["settlementDestination"] = intent.settlement_method, destination
    entry["settlementTxId"] = (
        f"{intent.settlement_method.removesuffix('_MOCK')}_MOCK-{uuid4().hex[:8].upper()}"
    )


def balance(merchant: Merchant) -> dict[str, str]:
    """Return the merchant's balances as the gateway writes them, without fixed places."""
    return {
        "availableBalance": _plain(merchant.available),
        "pendingBalance": "0",
        "reservedBalance": _plain(merchant.reserved),
        "totalBalance": _plain(merchant.available + merchant.reserved),
        "currency": "USD",
    }


def entries(merchant: Merchant, query: dict[str, str]) -> list[dict[str, Any]]:
    """Return a page of entries, the newest first; what is no number counts as not sent."""
    limit, offset = _number(query.get("limit"), _DEFAULT_LIMIT), _number(query.get("offset"), 0)
    found = [
        entry
        for entry in reversed(merchant.entries)
        if all(query.get(name) in (None, "", entry[name]) for name in ("transactionType", "paymentIntentId"))
    ]
    return found[offset : offset + limit]


def iso(at: float) -> str:
    """Write a moment with milliseconds, as JavaScript does."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _enter(
    world: World,
    merchant: Merchant,
    intent: Intent,
    kind: str,
    amount: str,
    before: Decimal,
    description: str,
    metadata: dict[str, Any],
) -> dict[str, Any]:
    entry = {
        "id": str(uuid4()),
        "fiatAccountId": merchant.account_id,
        "paymentIntentId": intent.id,
        "transactionType": kind,
        "amount": amount,
        "currency": intent.currency,
        "balanceBefore": _plain(before),
        "balanceAfter": _plain(merchant.available),
        "description": description,
        "settlementMethod": None,
        "settlementDestination": None,
        "settlementTxId": None,
        "status": "COMPLETED",
        "metadata": metadata,
        "createdAt": iso(world.clockwork.now()),
    }
    merchant.entries.append(entry)
    return entry


def _bank(world: World, intent: Intent) -> dict[str, Any]:
    return {
        "mock": True,
        "bankName": "Simulated Bank",
        "currency": intent.currency,
        "processedAt": iso(world.clockwork.now()),
        "accountNumber": "1000000001",
        "routingNumber": "100000001",
    }


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else default
