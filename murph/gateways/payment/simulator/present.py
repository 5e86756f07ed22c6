"""Payments and escrow orders as the gateway shows them."""

from typing import Any

from murph.gateways.payment.simulator.books import iso
from murph.gateways.payment.simulator.ethereum import CHAIN_ID, ZERO_ADDRESS, typed_data
from murph.gateways.payment.simulator.world import DELIVERY_PERIOD_S, ZERO_HASH, Intent, Order, World

TOKEN_ADDRESS = "0x94a9D9AC8a22534E3FaCa9F4e7F2E2cf85d5E4C8"  # noqa: S105


def envelope(intent: Intent, world: World, *, just_created: bool = False) -> dict[str, Any]:
    """Return a payment; the answer to its creation has other fields than every later one."""
    data = _intent(intent, world)
    if just_created:
        for name in ("transactionHash", "signature", "signerAddress"):
            del data[name]
        data |= {"estimatedFee": "2.50", "estimatedDeliveryTime": "15s"}
        if world.options.documented:
            data["settlementStatus"] = None
    shown: dict[str, Any] = {
        "id": intent.id,
        "object": "payment_intent",
        "status": intent.status,
        "data": data,
    }
    if just_created and intent.sent_metadata:
        shown["metadata"] = intent.metadata
    return {**shown, "created": data["created"], "updated": data["updated"]}


def _intent(intent: Intent, world: World) -> dict[str, Any]:
    return {
        "id": intent.id,
        "object": "payment_intent",
        "status": intent.status,
        "amount": intent.amount,
        "currency": intent.currency,
        "type": intent.type,
        "description": intent.description,
        "settlementMethod": intent.settlement_method,
        "settlementDestination": intent.settlement_destination,
        "settlementStatus": intent.settlement_status,
        "contractAddress": ZERO_ADDRESS,
        "transactionHash": intent.transaction_hash,
        "chainId": CHAIN_ID,
        "typedData": typed_data(intent.id, intent.millionths),
        "signature": intent.signature,
        "signerAddress": intent.signer,
        "phases": intent.phases,
        "metadata": intent.metadata,
        "paymentUrl": f"{world.public_url}/pay/?intent={intent.id}",
        "created": int(intent.created_at),
        "updated": int(intent.updated_at),
    }


def order(held: Order) -> dict[str, Any]:
    """Return an escrow order."""
    return {"id": held.id, "object": "escrow_order", "data": {**_order(held), **_dispute(held), **_end(held)}}


def _order(held: Order) -> dict[str, Any]:
    terms = held.intent.terms
    period_s = int(terms.get("deliveryPeriod") or DELIVERY_PERIOD_S)
    return {
        "id": held.id,
        "paymentIntentId": held.intent.id,
        "orderId": str(held.number),
        "merchantId": held.intent.merchant.id,
        "contractAddress": ZERO_ADDRESS,
        "buyerAddress": held.buyer,
        "tokenAddress": TOKEN_ADDRESS,
        "amount": held.amount,
        "deliveryPeriod": period_s,
        "deliveryDeadline": str(int(held.created_at) + period_s),
        "expectedDeliveryHash": terms.get("expectedDeliveryHash") or ZERO_HASH,
        "actualDeliveryHash": held.delivery_hash,
        "autoReleaseOnProof": held.releases_on_proof,
        "deliveryOracle": held.oracle,
        "releaseType": held.release_type,
        "timeLockUntil": terms.get("timeLockUntil"),
        "orderStatus": held.status,
        "settlementStatus": held.settlement_status,
        "createTxHash": held.create_tx_hash,
    }


def _dispute(held: Order) -> dict[str, Any]:
    return {
        "disputeWindow": held.dispute_window,
        "disputeRaisedAt": held.dispute.get("at"),
        "disputeReason": held.dispute.get("reason"),
        "disputeRaisedBy": held.dispute.get("by"),
        "disputeResolvedAt": None,
        "disputeResolution": None,
        "disputeResolutionTxHash": None,
    }


def _end(held: Order) -> dict[str, Any]:
    return {
        "releasedAt": None if held.released_at is None else str(int(held.released_at)),
        "settlementScheduledAt": None,
        "settlementExecution": None,
        "deliveryProofs": held.proofs,
        "milestones": held.milestones,
        "createdAt": iso(held.created_at),
        "updatedAt": iso(held.updated_at),
    }
