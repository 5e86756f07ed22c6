"""Money over HTTP: ``/payments``, and the sandbox's payment page outside the API."""

from typing import Any
from uuid import UUID

import flask
from flask import current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from murph.auth import guards
from murph.auth import service as auth
from murph.auth.models import User
from murph.core import clock, money
from murph.core.errors import Unprocessable
from murph.core.http import Blueprint, cursor_scope, decode_cursor, encode_cursor
from murph.core.http.fields import PageQuery
from murph.wallet import queries, service
from murph.wallet.models import TopUp
from murph.wallet.schemas import (
    SANDBOX_PATH,
    BalanceOut,
    DecisionIn,
    MovementQuery,
    MovementsOut,
    TopUpIn,
    TopUpOut,
    TopUpsOut,
    WalletIn,
    WalletOut,
)

blp = Blueprint("wallet", __name__, url_prefix="/payments", description="Balance, movements, top-ups")
sandbox = flask.Blueprint("sandbox", __name__, url_prefix=SANDBOX_PATH, template_folder="templates")


@blp.route("/wallet/balance", methods=["GET"])
@guards.signed_in
@blp.response(200, BalanceOut)
def balance() -> dict[str, Any]:
    """Return one's own money, all of it read at one moment."""
    user = auth.get_user(user_id=guards.current().user_id)
    found = service.balance(user.id)
    return {
        "available_minor": found.available_minor,
        "locked_minor": found.locked_minor,
        "earned_minor": found.earned_minor,
        "payout_pending_minor": found.payout_pending_minor,
        "total_minor": found.total_minor,
        "currency": current_app.config["CURRENCY"],
        "wallet_address": user.wallet_address,
        "as_of": clock.now(),
    }


@blp.route("/wallet/connect", methods=["POST"])
@guards.signed_in
@blp.arguments(WalletIn)
@blp.response(200, WalletOut)
def connect(body: dict[str, str]) -> User:
    """Connect a wallet, or an account at the payment gateway, in place of the one before."""
    changes: auth.ProfileChanges = {"wallet_address": body["wallet_address"]}
    return auth.update_profile(user_id=guards.current().user_id, changes=changes, at=clock.now())


@blp.route("/transactions", methods=["GET"])
@guards.signed_in
@blp.arguments(MovementQuery, location="query")
@blp.response(200, MovementsOut)
def transactions(query: dict[str, Any]) -> dict[str, Any]:
    """List what moved on one's own accounts, the newest first.

    A lock goes out when a session starts; when it is settled, its price is a payment and the
    rest comes back in as a refund.
    """
    user_id, limit, cursor = guards.current().user_id, query.pop("limit"), query.pop("cursor")
    scope = cursor_scope("transactions", user_id=user_id, **query)
    after = decode_cursor(cursor, scope=scope, order=queries.MOVEMENT_ORDER)
    page = queries.movements(user_id, limit=limit, after=after, **query)
    return {"items": page.items, "next_cursor": encode_cursor(page.next_values, scope=scope)}


@blp.route("/topups", methods=["POST"])
@guards.signed_in
@blp.arguments(TopUpIn)
@blp.response(201, TopUpOut)
def request_top_up(body: dict[str, int]) -> TopUp:
    """Ask to pay money in; it is credited once the payment at `payment_url` is confirmed."""
    return service.request_top_up(
        user_id=guards.current().user_id,
        amount_minor=body["amount"],
        currency=current_app.config["CURRENCY"],
        at=clock.now(),
    )


@blp.route("/topups", methods=["GET"])
@guards.signed_in
@blp.arguments(PageQuery, location="query")
@blp.response(200, TopUpsOut)
def list_top_ups(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own top-ups, the newest first."""
    user_id = guards.current().user_id
    scope = cursor_scope("topups", user_id=user_id)
    after = decode_cursor(query["cursor"], scope=scope, order=queries.TOP_UP_ORDER)
    page = queries.top_ups(user_id, limit=query["limit"], after=after)
    return {"items": page.items, "next_cursor": encode_cursor(page.next_values, scope=scope)}


@blp.route("/topups/<uuid:top_up_id>", methods=["GET"])
@guards.signed_in
@blp.response(200, TopUpOut)
@blp.raises(service.TopUpNotFound)
def get_top_up(top_up_id: UUID) -> TopUp:
    """Return one of one's own top-ups."""
    return service.get_top_up(user_id=guards.current().user_id, top_up_id=top_up_id)


@sandbox.get("/<secret>")
@guards.public
def show_payment(secret: str) -> ResponseReturnValue:
    """Show the page where a test payment is confirmed or declined."""
    return _page(service.get_payment(secret=secret))


@sandbox.post("/<secret>")
@guards.public
def decide_payment(secret: str) -> ResponseReturnValue:
    """Confirm or decline a test payment; whoever knows the unguessable address may."""
    top_up = service.get_payment(secret=secret)
    decide = service.confirm_top_up if _action() == "confirm" else service.decline_top_up
    try:
        decided = decide(top_up_id=top_up.id, at=clock.now())
    except (service.TopUpClosed, service.TopUpExpired) as refusal:
        if request.is_json:
            raise
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
    page = render_template("sandbox_payment.html", top_up=top_up, amount=amount, refusal=refusal)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response
