"""What lets the money out of escrow, and everything that is wrong with it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from murph.gateways.payment.simulator import books, present
from murph.gateways.payment.simulator.amounts import millionths
from murph.gateways.payment.simulator.refusals import Refused, crash
from murph.gateways.payment.simulator.states import may_become, move, tell
from murph.gateways.payment.simulator.world import Intent, Order, World

STUCK_RETRY_S = 10.0


def take_proof(world: World, order: Order, body: dict[str, Any]) -> dict[str, Any]:
    """Take a proof of delivery and pay the whole order for it, also for a second one or in a dispute."""
    if world.options.documented and order.status != "PENDING":
        raise Refused(400, "invalid_status", f"The order is {order.status}")
    now = world.clockwork.now()
    proof = {
        "id": str(uuid4()),
        "escrowOrderId": order.id,
        "paymentIntentId": order.intent.id,
        "proofHash": body["proofHash"],
        "proofURI": body.get("proofURI"),
        "submittedBy": body["submittedBy"],
        "submittedAt": str(int(now)),
        "submitTxHash": body.get("submitTxHash"),
        "createdAt": books.iso(now),
    }
    order.proofs.append(proof)
    order.delivery_hash, order.status, order.updated_at = body["proofHash"], "DELIVERED", now
    world.announce("delivery_proof.submitted", {"object": "delivery_proof", **proof})
    origin = {"releaseType": "DELIVERY_PROOF", "escrowOrderId": order.id, "deliveryProofId": proof["id"]}
    release(world, order, f"Delivery proof released: {order.intent.id}", origin)
    return proof


def release(world: World, order: Order, description: str, origin: dict[str, Any]) -> None:
    """Pay the merchant the whole order, and then their bank."""
    intent = order.intent
    if world.faults.stuck_processing:
        again = lambda: release(world, order, description, origin)  # noqa: E731
        world.clockwork.after(STUCK_RETRY_S, again)
        return
    now = world.clockwork.now()
    books.credit(world, intent.merchant, intent, order.amount, description, origin)
    order.status, order.settlement_status = "COMPLETED", "SCHEDULED"
    order.released_at = order.updated_at = now
    _succeed(world, intent)
    schedule_settlement(world, intent, intent.amount)


def due_at_time_lock(world: World, order: Order) -> None:
    """Release a time-locked order when its time has come."""
    if order.release_type != "TIME_LOCKED":
        return
    until = str(order.intent.terms.get("timeLockUntil", ""))
    wait_s = max(0.0, int(until) - world.clockwork.now()) if until.isdigit() else 0.0
    origin = {"releaseType": "TIME_LOCK", "escrowOrderId": order.id}
    description = f"Time lock released: {order.intent.id}"
    world.clockwork.after(wait_s, lambda: release(world, order, description, origin))


def add_milestone(world: World, order: Order, body: dict[str, Any]) -> dict[str, Any]:
    """Agree on a part, which nobody compares with the whole."""
    if order.release_type != "MILESTONE_LOCKED":
        message = f"Cannot create milestone for order with release type: {order.release_type}"
        raise Refused(400, "invalid_request", message)
    millionths(body["amount"])
    _check_milestone(world, order, body)
    now = books.iso(world.clockwork.now())
    percentage = body.get("percentage")
    nothing_yet = ("completionProof", "completionProofURI", "completedAt", "completedBy")
    milestone = {
        "id": str(uuid4()),
        "escrowOrderId": order.id,
        "paymentIntentId": order.intent.id,
        "milestoneIndex": body["milestoneIndex"],
        "description": body.get("description"),
        "amount": body["amount"],
        "percentage": None if percentage is None else int(percentage),
        "status": "PENDING",
        **dict.fromkeys((*nothing_yet, "releasedAt", "releaseTxHash", "releasedBy")),
        "createdAt": now,
        "updatedAt": now,
    }
    order.milestones.append(milestone)
    return milestone


def complete_milestone(world: World, intent: Intent, milestone_id: str, body: dict[str, Any]) -> None:
    """Pay a milestone to whoever asks, and then the whole order to their bank."""
    milestone = world.milestone(milestone_id)
    if milestone["status"] == "RELEASED":
        return
    now = world.clockwork.now()
    milestone |= {
        "status": "RELEASED",
        "completionProof": body.get("completionProof"),
        "completionProofURI": body.get("completionProofURI"),
        "completedBy": body["completedBy"],
        "completedAt": str(int(now)),
        "releasedAt": str(int(now)),
        "updatedAt": books.iso(now),
    }
    _pay_milestone(world, intent, milestone)


def dispute(world: World, order: Order, body: dict[str, Any]) -> None:
    """Note a dispute, which stops nothing and never ends."""
    order.dispute = {
        "at": str(int(world.clockwork.now())),
        "reason": body["reason"],
        "by": body["raisedBy"],
    }
    order.dispute_window = body.get("disputeWindow") or order.dispute_window
    order.status, order.updated_at = "DISPUTED", world.clockwork.now()
    world.announce("dispute.raised", present.order(order))


def schedule_settlement(world: World, intent: Intent, amount: str) -> None:
    """Pay an amount out to the merchant's bank after a while; no other method ever does."""
    if intent.settlement_method == "OFF_RAMP_MOCK":
        tell(world, "payment_intent.settlement_initiated", intent)
        world.clockwork.after(world.options.settle_delay_s, _settlement(world, intent, amount))


def _settlement(world: World, intent: Intent, amount: str) -> Callable[[], None]:
    def settle() -> None:
        failed = world.faults.settlement_fails
        intent.settlement_status = "FAILED" if failed else "COMPLETED"
        intent.set_phase("SETTLEMENT", intent.settlement_status, world.clockwork.now())
        if failed:
            return
        books.settle(world, intent, amount)
        if may_become(intent, "SETTLED"):
            move(world, intent, "SETTLED", "Settled")
            tell(world, "payment_intent.settlement_completed", intent)

    return settle


def _succeed(world: World, intent: Intent) -> None:
    if may_become(intent, "SUCCEEDED"):
        move(world, intent, "SUCCEEDED", "Released")


def _check_milestone(world: World, order: Order, body: dict[str, Any]) -> None:
    documented = world.options.documented
    if body["milestoneIndex"] in [known["milestoneIndex"] for known in order.milestones]:
        raise Refused(400, "invalid_request", "Duplicate milestone index") if documented else crash()
    agreed = sum(millionths(known["amount"]) for known in order.milestones)
    if documented and agreed + millionths(body["amount"]) > millionths(order.amount):
        raise Refused(400, "invalid_request", "The milestones exceed the order")


def _pay_milestone(world: World, intent: Intent, milestone: dict[str, Any]) -> None:
    origin = {
        "milestoneId": milestone["id"],
        "releaseType": "MILESTONE",
        "escrowOrderId": milestone["escrowOrderId"],
        "milestoneIndex": milestone["milestoneIndex"],
    }
    description = f"Milestone {milestone['milestoneIndex']} released: {intent.id}"
    books.credit(world, intent.merchant, intent, milestone["amount"], description, origin)
    _succeed(world, intent)
    schedule_settlement(world, intent, intent.amount)
