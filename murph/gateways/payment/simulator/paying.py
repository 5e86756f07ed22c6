"""A payment's life up to the money lying in escrow."""

import re
import time
from typing import Any

from murph.gateways.payment.simulator import books, present
from murph.gateways.payment.simulator.amounts import millionths, six_places
from murph.gateways.payment.simulator.escrow import due_at_time_lock, schedule_settlement
from murph.gateways.payment.simulator.ethereum import digest, signer
from murph.gateways.payment.simulator.refusals import Refused, crash
from murph.gateways.payment.simulator.states import move, tell
from murph.gateways.payment.simulator.world import CARD_BUYER, DVP, Intent, Merchant, Order, World

SETTLEMENT_METHODS = ("OFF_RAMP_MOCK", "OFF_RAMP_TO_RTP", "OFF_RAMP_TO_BANK")
DECLINED_CARDS = ("4000000000000002", "4000000000009995")  # by the documentation alone
STUCK_RETRY_S = 10.0

_TERMS = ("deliveryPeriod", "expectedDeliveryHash", "autoRelease", "deliveryOracle")


def create(world: World, merchant: Merchant, body: dict[str, Any]) -> Intent:
    """Note that somebody shall pay."""
    if body["settlementMethod"] not in SETTLEMENT_METHODS:
        message = f"Unsupported settlementMethod: {body['settlementMethod']}"
        raise Refused(400, "invalid_settlement_method", message, "settlementMethod")
    value = _checked_amount(world, body["amount"])
    now = world.clockwork.now()
    chosen = {name: body[name] for name in _TERMS if body.get(name) is not None}
    metadata = _metadata(merchant, body, chosen)
    intent = Intent(
        merchant=merchant,
        amount=body["amount"],
        millionths=value,
        currency=body["currency"],
        type=body["type"],
        description=body.get("description"),
        settlement_method=body["settlementMethod"],
        settlement_destination=body["settlementDestination"],
        metadata=metadata,
        sent_metadata=body.get("metadata") is not None,
        terms={**(body.get("metadata") or {}), **chosen},
        created_at=now,
        updated_at=now,
    )
    intent.set_phase("SIGNATURE_VERIFICATION", "IN_PROGRESS")
    world.intents[intent.id] = intent
    tell(world, "payment_intent.created", intent)
    return intent


def look(world: World, intent: Intent) -> Intent:
    """Return a payment; looking at a transaction that waits for confirmation confirms it, as seen."""
    waits = intent.status == "PROCESSING" and intent.transaction_hash is not None
    if waits and not world.options.documented and not world.faults.stuck_processing:
        intent.confirmed_by_a_look = True
        _count_as_paid(world, intent)
        schedule_settlement(world, intent, intent.amount)  # even when delivery was never proven
    return intent


def confirm(world: World, intent: Intent, body: dict[str, Any]) -> Intent:
    """Take the payer's signature."""
    try:
        found = signer(body["signature"], digest(intent.id, intent.millionths))
    except ValueError as error:
        raise _unreadable_signature(world) from error
    if found != body["payerAddress"].lower():
        message = "Signature does not match payer address"
        raise Refused(400, "signature_verification_failed", message, "signature")
    move(world, intent, "PROCESSING", "Signature verified, moving to processing")
    intent.signature, intent.signer = body["signature"], body["payerAddress"]
    intent.set_phase("SIGNATURE_VERIFICATION", "COMPLETED", world.clockwork.now())
    intent.set_phase("BLOCKCHAIN_CONFIRMATION", "IN_PROGRESS")
    return intent


def take_transaction(world: World, intent: Intent, body: dict[str, Any]) -> Intent:
    """Believe that a transaction paid, whatever it is, and wait for its confirmation."""
    move(world, intent, "PROCESSING", "Transaction submitted")
    intent.transaction_hash = body["transactionHash"]
    if intent.signature is None:
        intent.set_phase("BLOCKCHAIN_CONFIRMATION", "IN_PROGRESS", world.clockwork.now())
    _open_order(world, intent, intent.amount, intent.signer or CARD_BUYER, body["transactionHash"])
    tell(world, "payment_intent.blockchain_tx_submitted", intent)
    world.clockwork.after(world.options.confirm_delay_s, lambda: _confirmation_arrives(world, intent))
    return intent


def pay_by_card(world: World, intent: Intent, card: dict[str, Any]) -> Intent:
    """Take a card; it is never declined, except by the documentation."""
    _check_card(world, card)
    if world.options.documented and intent.status != "INITIATED":
        message = f"Cannot pay a payment that is {intent.status}"
        raise Refused(400, "invalid_state_transition", message)
    move(world, intent, "PROCESSING", "Card payment accepted")
    if intent.type == DVP and intent.id not in world.orders:
        _open_order(world, intent, six_places(intent.amount), CARD_BUYER, "0xdev-skip-chain")
        due_at_time_lock(world, world.orders[intent.id])
    if world.faults.requires_action:
        move(world, intent, "REQUIRES_ACTION", "Told to")
    return intent


def _checked_amount(world: World, amount: str) -> int:
    """Return the amount in millionths; only the documentation minds what is no price."""
    try:
        value = millionths(amount)
    except Refused:
        if not world.options.documented:
            raise
        value = 0
    if world.options.documented and value <= 0:
        message = "amount must be positive with at most 6 decimals"
        raise Refused(400, "invalid_request", message, "amount")
    return value


def _metadata(merchant: Merchant, body: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any] | None:
    if body["type"] != DVP:
        return body.get("metadata")
    contract = {"tokenAddress": present.TOKEN_ADDRESS, "contractMerchantId": str(merchant.number)}
    return {**(body.get("metadata") or {}), **chosen, **contract}


def _unreadable_signature(world: World) -> Refused:
    if world.options.documented:
        return Refused(400, "signature_verification_failed", "Invalid signature", "signature")
    return crash()


def _confirmation_arrives(world: World, intent: Intent) -> None:
    if world.faults.stuck_processing:
        world.clockwork.after(STUCK_RETRY_S, lambda: _confirmation_arrives(world, intent))
    elif intent.confirmed_by_a_look:
        _credit(world, intent)  # looked before the other wrote: the same payment once more
    elif intent.status == "PROCESSING":
        _count_as_paid(world, intent)
        if intent.type != DVP:
            schedule_settlement(world, intent, intent.amount)


def _count_as_paid(world: World, intent: Intent) -> None:
    if world.faults.requires_action:
        move(world, intent, "REQUIRES_ACTION", "Told to")
        return
    now = world.clockwork.now()
    move(world, intent, "SUCCEEDED", "Transaction confirmed")
    intent.settlement_status = "IN_PROGRESS"
    intent.set_phase("BLOCKCHAIN_CONFIRMATION", "COMPLETED", now)
    intent.set_phase("ESCROW_LOCKED", "COMPLETED", now)
    intent.set_phase("AWAITING_DELIVERY_PROOF", "IN_PROGRESS")
    tell(world, "payment_intent.blockchain_tx_confirmed", intent)
    _credit(world, intent)


def _credit(world: World, intent: Intent) -> None:
    origin = {
        "type": intent.type,
        "currency": intent.currency,
        "transactionHash": intent.transaction_hash,
    }
    description = f"Payment received: {intent.id}"
    books.credit(world, intent.merchant, intent, intent.amount, description, origin)


def _open_order(world: World, intent: Intent, amount: str, buyer: str, tx_hash: str) -> None:
    now = world.clockwork.now()
    held = Order(intent, amount, buyer, create_tx_hash=tx_hash, created_at=now, updated_at=now)
    world.orders.setdefault(intent.id, held)
    world.announce("escrow_order.created", present.order(world.orders[intent.id]))


def _check_card(world: World, card: dict[str, Any]) -> None:
    number = str(card.get("cardNumber", "")).replace(" ", "")
    if not re.fullmatch("[0-9]{13,19}", number, re.ASCII) or not _luhn(number):
        raise Refused(400, "invalid_request_error", "Invalid card number")
    expiry = re.fullmatch("(0[1-9]|1[0-2])/([0-9]{2})", str(card.get("expiry", "")), re.ASCII)
    if expiry is None or not re.fullmatch("[0-9]{3,4}", str(card.get("cvv", "")), re.ASCII):
        raise Refused(400, "invalid_request_error", "Invalid card")
    now = time.gmtime(world.clockwork.now())
    if (2000 + int(expiry[2]), int(expiry[1])) < (now.tm_year, now.tm_mon):
        raise Refused(400, "invalid_request_error", "Card expired")
    if world.options.documented and number in DECLINED_CARDS:
        raise Refused(400, "payment_failed", "The card was declined")


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[0::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0
