"""A user's own money and what moved on it: ``/payments/wallet``, ``/payments/transactions``."""

from typing import Any

from flask import current_app

from murph.auth import guards
from murph.auth import service as auth
from murph.auth.models import User
from murph.core import clock
from murph.core.http import cursor_scope, decode_cursor, encode_cursor
from murph.wallet import queries, service
from murph.wallet.routes.blueprint import blp
from murph.wallet.schemas import (
    BalanceOut,
    MovementQuery,
    MovementsOut,
    WalletIn,
    WalletOut,
)


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
