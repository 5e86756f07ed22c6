"""Paying money in: ``/payments/topups``."""

from typing import Any
from uuid import UUID

from flask import current_app

from murph.auth import guards
from murph.core import clock
from murph.core.http import cursor_scope, decode_cursor, encode_cursor, resumable
from murph.core.http.fields import PageQuery
from murph.core.limits import RateLimited, sensitive
from murph.gateways import payment
from murph.gateways.payment.port import GatewayUnavailable
from murph.wallet import queries, service
from murph.wallet.models import TopUp
from murph.wallet.routes.blueprint import blp
from murph.wallet.schemas import (
    TopUpIn,
    TopUpOut,
    TopUpsOut,
)


def _intend(body: dict[str, int]) -> UUID:
    """Write the wish down before the gateway hears of it."""
    return service.request_top_up(
        user_id=guards.current().user_id,
        amount_minor=body["amount"],
        currency=current_app.config["CURRENCY"],
        gateway=payment.gateway(),
        at=clock.now(),
    ).id


@blp.route("/topups", methods=["POST"])
@guards.signed_in
@sensitive
@blp.arguments(TopUpIn)
@resumable(_intend)
@blp.response(201, TopUpOut)
@blp.raises(service.CurrencyFixed, service.TopUpExpired, GatewayUnavailable, RateLimited)
def request_top_up(_body: dict[str, int], intent_id: UUID) -> TopUp:
    """Ask to pay money in; it is credited once the gateway says that it was paid at `payment_url`.

    With 503 `payment_gateway_unavailable` the top-up stays pending, and has its `payment_url` as
    soon as the gateway answers.
    """
    return service.open_payment(top_up_id=intent_id, gateway=payment.gateway(), at=clock.now())


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
