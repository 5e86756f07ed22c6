"""A user's own money and what moved on it: ``/payments/wallet``, ``/payments/transactions``."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any
from uuid import UUID

from flask import Response, current_app, stream_with_context

from murph.auth import guards
from murph.auth import queries as accounts
from murph.auth import service as auth
from murph.auth.models import User
from murph.core import clock
from murph.core.db import release_connection
from murph.core.errors import invalid_field
from murph.core.http import cursor_scope, decode_cursor, encode_cursor
from murph.core.http.fields import Money
from murph.core.spreadsheet import csv_lines
from murph.wallet import queries, service
from murph.wallet.routes.blueprint import blp
from murph.wallet.schemas import (
    BalanceOut,
    BalanceQuery,
    MovementFilter,
    MovementOut,
    MovementQuery,
    MovementsOut,
    WalletIn,
    WalletOut,
)


@blp.route("/wallet/balance", methods=["GET"])
@guards.signed_in
@blp.arguments(BalanceQuery, location="query")
@blp.response(200, BalanceOut)
def balance(query: dict[str, Any]) -> dict[str, Any]:
    """Return one's own money, all of it read at one moment, or as it was at a past one."""
    user_id, at, now = guards.current().user_id, query["at"], clock.now()
    if at is not None and at > now:
        raise invalid_field("at", "This moment is yet to come.")
    found = service.balance(user_id, at=at)
    return {
        "available_minor": found.available_minor,
        "locked_minor": found.locked_minor,
        "earned_minor": found.earned_minor,
        "payout_pending_minor": found.payout_pending_minor,
        "total_minor": found.total_minor,
        "currency": current_app.config["CURRENCY"],
        "wallet_address": accounts.wallet_address(user_id),
        "as_of": at or now,
    }


@blp.route("/wallet/connect", methods=["POST"])
@guards.signed_in
@blp.arguments(WalletIn)
@blp.response(200, WalletOut)
def connect(body: dict[str, str]) -> User:
    """Connect a wallet, or an account at the payment gateway, in place of the one before."""
    changes: auth.ProfileChanges = {"wallet_address": body["wallet_address"]}
    owner_id = guards.current().user_id
    return auth.update_profile(user_id=owner_id, changes=changes, actor_id=owner_id, at=clock.now())


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


_COLUMNS = (
    *("id", "created_at", "type", "status", "amount", "change", "currency"),
    *("reference_type", "reference_id"),
)
_BATCH = 500


@blp.route("/transactions.csv", methods=["GET"])
@guards.signed_in
@blp.arguments(MovementFilter, location="query")
@blp.response(200, {"type": "string", "example": f"{','.join(_COLUMNS)}\r\n"}, content_type="text/csv")
def transactions_csv(query: dict[str, Any]) -> Response:
    """Return the same list as a table for spreadsheets, times in UTC.

    `amount` is that of the list, negative when it went out; its sum means nothing, as a lock goes out and is
    paid from later. `change` is by how much `available`, `locked` and `earned` together grew: its sum over
    all rows is what they come to, and over a period by how much they grew in it.
    """
    rows = _rows(guards.current().user_id, query)
    first = list(islice(rows, 1))  # before the answer begins, while it can still become a refusal
    lines = csv_lines(_COLUMNS, chain(first, rows))
    disposition = {"Content-Disposition": 'attachment; filename="transactions.csv"'}
    return Response(stream_with_context(lines), mimetype="text/csv", headers=disposition)


class _TableRow(MovementOut):
    """A movement with its effect on what the user has."""

    change = Money(attribute="change_minor")


def _rows(user_id: UUID, filters: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    after: list[Any] | None = None
    while True:
        page = queries.movements(user_id, limit=_BATCH, after=after, **filters)
        release_connection()  # the reader may be slow
        for item in _TableRow(many=True).dump(page.items):
            amount = f"-{item['amount']}" if item["direction"] == "out" else item["amount"]
            reference = item["reference"]["type"], item["reference"]["id"]
            fields = (item["id"], item["created_at"], item["type"], item["status"])
            yield (*fields, amount, item["change"], item["currency"], *reference)
        after = page.next_values
        if after is None:
            return
