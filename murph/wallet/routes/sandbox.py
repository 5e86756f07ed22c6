"""The sandbox's payment page, outside the API."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import flask
from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from murph.auth import guards
from murph.core import clock, money
from murph.core.errors import Unprocessable
from murph.gateways import payment
from murph.gateways.payment.sandbox import PAGE_PATH
from murph.wallet import service
from murph.wallet.models import TopUp
from murph.wallet.schemas import DecisionIn, TopUpOut

sandbox = flask.Blueprint("sandbox", __name__, url_prefix=PAGE_PATH, template_folder="../templates")

_STYLE = (Path(__file__).parents[1] / "templates" / "sandbox_payment.css").read_text()
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()


@sandbox.get("/<secret>")
@guards.public
def show_payment(secret: str) -> ResponseReturnValue:
    """Show the page where a test payment is confirmed or declined."""
    return _page(service.get_test_payment(secret=secret, gateway=payment.gateway()))


@sandbox.post("/<secret>")
@guards.public
def decide_payment(secret: str) -> ResponseReturnValue:
    """Confirm or decline a test payment; whoever knows the unguessable address may."""
    gateway, is_paid = payment.gateway(), _action() == "confirm"
    try:
        decided = service.decide_test_payment(secret=secret, is_paid=is_paid, gateway=gateway, at=clock.now())
    except (service.TopUpClosed, service.TopUpExpired) as refusal:
        if request.is_json:
            raise
        top_up = service.get_test_payment(secret=secret, gateway=gateway)
        return _page(top_up, refusal=refusal.detail), refusal.status
    return TopUpOut().dump(decided) if request.is_json else redirect(request.path, 303)


def _action() -> str:
    sent = request.get_json() if request.is_json else request.form
    try:
        action: str = DecisionIn().load(sent)["action"]
    except ValidationError as error:
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        raise Unprocessable(errors=messages) from error
    return action


def _page(top_up: TopUp, *, refusal: str | None = None) -> flask.Response:
    amount = money.to_text(top_up.amount_minor, top_up.currency)
    page = render_template(
        "sandbox_payment.html", top_up=top_up, amount=amount, refusal=refusal, style=_STYLE
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return response
