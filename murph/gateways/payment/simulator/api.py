"""The gateway's 13 routes."""

from typing import Any

from murph.gateways.payment.simulator import bodies, books, escrow, paying, present
from murph.gateways.payment.simulator.refusals import Refused
from murph.gateways.payment.simulator.routing import Call, Routes

routes = Routes()

_INTENT = "/payment-intents/<intent_id>"
_PUBLIC = "/payment-intents/public/<intent_id>"
_PROOF = f"{_INTENT}/escrow/delivery-proof"
_MILESTONES = f"{_INTENT}/escrow/milestones"


@routes.post("/payment-intents", bodies.CREATE, status=201, documented_status=200)
def create(call: Call) -> dict[str, Any]:
    """Create a payment."""
    intent = paying.create(call.world, call.merchant, call.body)
    return present.envelope(intent, call.world, just_created=True)


@routes.get(_INTENT)
def look(call: Call, intent_id: str) -> dict[str, Any]:
    """Show a payment to its merchant."""
    intent = call.world.intent_of(call.merchant, intent_id)
    return present.envelope(paying.look(call.world, intent), call.world)


@routes.get(_PUBLIC, public=True)
def look_public(call: Call, intent_id: str) -> dict[str, Any]:
    """Show a payment to its payer."""
    intent = call.world.intent(intent_id)
    return present.envelope(paying.look(call.world, intent), call.world)


@routes.post(f"{_INTENT}/confirm", bodies.CONFIRM)
def confirm(call: Call, intent_id: str) -> dict[str, Any]:
    """Take the payer's signature."""
    intent = call.world.intent_of(call.merchant, intent_id)
    return present.envelope(paying.confirm(call.world, intent, call.body), call.world)


@routes.post(f"{_PUBLIC}/transaction-hash", bodies.TRANSACTION_HASH, public=True)
def take_transaction(call: Call, intent_id: str) -> dict[str, Any]:
    """Take a transaction from whoever sends one."""
    intent = call.world.intent(intent_id)
    return present.envelope(paying.take_transaction(call.world, intent, call.body), call.world)


@routes.post(f"{_PUBLIC}/payment", bodies.CARD, public=True)
def pay_by_card(call: Call, intent_id: str) -> dict[str, Any]:
    """Take a card."""
    intent = call.world.intent(intent_id)
    return present.envelope(paying.pay_by_card(call.world, intent, call.body["card"]), call.world)


@routes.get(f"{_INTENT}/escrow")
def show_escrow(call: Call, intent_id: str) -> dict[str, Any]:
    """Show what lies in escrow."""
    intent = call.world.intent_of(call.merchant, intent_id)
    return present.order(call.world.order_of(intent))


@routes.post(_PROOF, bodies.PROOF)
def take_proof(call: Call, intent_id: str) -> dict[str, Any]:
    """Take a proof of delivery."""
    order = call.world.order_of(call.world.intent_of(call.merchant, intent_id))
    proof = escrow.take_proof(call.world, order, call.body)
    shown = proof if call.world.options.documented else {"id": proof["id"]}
    return {"id": proof["id"], "object": "delivery_proof", "data": shown}


@routes.post(f"{_INTENT}/escrow/dispute", bodies.DISPUTE)
def dispute(call: Call, intent_id: str) -> dict[str, Any]:
    """Take a dispute."""
    order = call.world.order_of(call.world.intent_of(call.merchant, intent_id))
    escrow.dispute(call.world, order, call.body)
    return {"object": "dispute", "status": "raised"}


@routes.post(_MILESTONES, bodies.MILESTONE, status=201, documented_status=201)
def add_milestone(call: Call, intent_id: str) -> dict[str, Any]:
    """Agree on a milestone."""
    order = call.world.order_of(call.world.intent_of(call.merchant, intent_id))
    milestone = escrow.add_milestone(call.world, order, call.body)
    return {"id": milestone["id"], "object": "milestone", "data": {"id": milestone["id"]}}


@routes.post(f"{_MILESTONES}/<milestone_id>/complete", bodies.COMPLETION)
def complete_milestone(call: Call, intent_id: str, milestone_id: str) -> dict[str, Any]:
    """Pay a milestone."""
    intent = call.world.intent_of(call.merchant, intent_id)
    if call.world.options.documented and call.world.milestone(milestone_id)["paymentIntentId"] != intent_id:
        raise Refused(403, "forbidden", "You do not have permission to access this milestone")
    escrow.complete_milestone(call.world, intent, milestone_id, call.body)
    return {"object": "milestone", "status": "completed"}


@routes.get("/payment-intents/account/balance")
def balance(call: Call) -> dict[str, Any]:
    """Show the merchant's balances."""
    return {"object": "balance", "data": books.balance(call.merchant)}


@routes.get("/payment-intents/account/ledger-entries")
def ledger_entries(call: Call) -> dict[str, Any]:
    """Show a page of the merchant's ledger."""
    return {"object": "list", "data": books.entries(call.merchant, call.query)}
