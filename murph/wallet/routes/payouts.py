"""Having earnings paid out: ``/payments/payouts``."""

from typing import Any
from uuid import UUID

from flask import current_app

from murph.auth import guards
from murph.core import clock
from murph.core.http import cursor_scope, decode_cursor, encode_cursor, idempotent
from murph.core.http.fields import PageQuery
from murph.core.limits import RateLimited, sensitive
from murph.wallet import queries, service
from murph.wallet.models import Payout
from murph.wallet.routes.blueprint import blp
from murph.wallet.schemas import PayoutIn, PayoutOut, PayoutsOut


@blp.route("/payouts", methods=["POST"])
@guards.teacher
@sensitive
@blp.arguments(PayoutIn)
@idempotent()
@blp.response(201, PayoutOut)
@blp.raises(service.CurrencyFixed, service.InsufficientFunds, RateLimited)
def request_payout(body: dict[str, int]) -> Payout:
    """Ask to have a part of one's earnings paid out; it leaves `earned` at once."""
    return service.request_payout(
        user_id=guards.current().user_id,
        amount_minor=body["amount"],
        currency=current_app.config["CURRENCY"],
        at=clock.now(),
    )


@blp.route("/payouts", methods=["GET"])
@guards.teacher
@blp.arguments(PageQuery, location="query")
@blp.response(200, PayoutsOut)
def list_payouts(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own payouts, the newest first."""
    user_id = guards.current().user_id
    scope = cursor_scope("payouts", user_id=user_id)
    after = decode_cursor(query["cursor"], scope=scope, order=queries.PAYOUT_ORDER)
    page = queries.payouts(user_id, limit=query["limit"], after=after)
    return {"items": page.items, "next_cursor": encode_cursor(page.next_values, scope=scope)}


@blp.route("/payouts/<uuid:payout_id>", methods=["GET"])
@guards.teacher
@blp.response(200, PayoutOut)
@blp.raises(service.PayoutNotFound)
def get_payout(payout_id: UUID) -> Payout:
    """Return one of one's own payouts."""
    return service.get_payout(user_id=guards.current().user_id, payout_id=payout_id)
