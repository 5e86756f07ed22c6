"""Routes outside the API: the switches for tests, and the page where a person pays."""

import time
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from murph.gateways.payment.simulator import paying, present
from murph.gateways.payment.simulator.refusals import Refused
from murph.gateways.payment.simulator.webhooks import Sender
from murph.gateways.payment.simulator.world import World

TEST_CARD = {"cardNumber": "4242 4242 4242 4242", "expiry": "12/99", "cvv": "123", "name": "Ada Test"}
TRANSACTION = {"transactionHash": "0x" + "1" * 64}
_SHOWN = ("amount", "currency", "status")


def control(world: World, sender: Sender) -> Blueprint:
    """Return the routes under ``/_control``."""
    blueprint = Blueprint("control", __name__, url_prefix="/_control")

    @blueprint.get("")
    def show() -> ResponseReturnValue:
        return jsonify(_state(world, sender))

    @blueprint.post("")
    def switch() -> ResponseReturnValue:
        with world.lock:
            world.faults.change(_body())
        return jsonify(_state(world, sender))

    @blueprint.post("/advance")
    def advance() -> ResponseReturnValue:
        world.clockwork.advance(float(_body()["seconds"]))
        return jsonify(_state(world, sender))

    @blueprint.post("/merchants")
    def add_merchant() -> ResponseReturnValue:
        with world.lock:
            world.add_merchant(_body()["key"])
        return jsonify(_state(world, sender))

    @blueprint.post("/intents/<intent_id>/pay")
    def pay(intent_id: str) -> ResponseReturnValue:
        with world.lock:
            intent = world.intent(intent_id)
            if _body()["by"] == "wallet":
                paying.take_transaction(world, intent, TRANSACTION)
            else:
                paying.pay_by_card(world, intent, TEST_CARD)
            return jsonify(present.envelope(intent, world))

    @blueprint.post("/intents/<intent_id>")
    def pretend(intent_id: str) -> ResponseReturnValue:
        with world.lock:
            intent = world.intent(intent_id)
            for name, value in _body().items():
                if name not in _SHOWN:
                    raise ValueError(f"only {', '.join(_SHOWN)} can be pretended")
                setattr(intent, name, value)
            return jsonify(present.envelope(intent, world))

    return blueprint


def page(world: World) -> Blueprint:
    """Return the page that a payment's address leads to."""
    blueprint = Blueprint("page", __name__, url_prefix="/pay")

    @blueprint.route("/", methods=["GET", "POST"])
    def pay() -> ResponseReturnValue:
        refusal = None
        with world.lock:
            intent = world.intent(request.args.get("intent", ""))
            if request.method == "POST":
                try:
                    paying.pay_by_card(world, intent, request.form.to_dict())
                except Refused as error:
                    refusal = error.message
            expiry = f"12/{(time.gmtime().tm_year + 2) % 100:02d}"
            return render_template(
                "simulated_payment.html", intent=intent, refusal=refusal, expiry=expiry
            ), 400 if refusal else 200

    return blueprint


def _body() -> Any:
    body = request.get_json(force=True, silent=True)  # curl names another type unless it is told
    if body is None:
        raise ValueError("send JSON")
    return body


def _state(world: World, sender: Sender) -> dict[str, Any]:
    return {
        "faults": world.faults.shown(),
        "intents": len(world.intents),
        "now": world.clockwork.now(),
        "webhooks": {"sent": sender.sent, "failed": sender.failed},
    }
