"""What money looks like on the wire."""

from marshmallow import fields, validate

from murph.auth.schemas import WalletAddress
from murph.core.http.fields import Moment, Money, PageQuery, QuerySchema, Schema
from murph.wallet.models import COMPLETED, DECLINED, EXPIRED, FAILED, MISMATCH, PAID, PENDING, TopUp

TYPES = ("lock", "payment", "refund", "quality_bonus", "topup", "payout", "adjustment")
PAYOUT_STATUSES = (PENDING, COMPLETED, FAILED)
_ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}
_AMOUNT = {"example": "30.00"}
_CURRENCY = {"example": "USD"}
_MOMENT = {"example": "2026-01-31T12:00:00.000000Z"}
_CURSOR = {"example": None, "description": "Send it as cursor to read on; null at the end"}


class WalletIn(Schema):
    """The wallet or gateway account to connect."""

    wallet_address = WalletAddress(required=True)


class WalletOut(Schema):
    """The wallet or gateway account that is connected."""

    wallet_address = fields.String(
        required=True, metadata={"example": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}
    )


class BalanceOut(Schema):
    """A user's money; `total` is the sum of the four amounts before it."""

    available = Money(
        required=True,
        attribute="available_minor",
        metadata={"example": "70.00", "description": "What a student may spend"},
    )
    locked = Money(
        required=True,
        attribute="locked_minor",
        metadata={"example": "30.00", "description": "Set aside for running sessions"},
    )
    earned = Money(
        required=True,
        attribute="earned_minor",
        metadata={"example": "0.00", "description": "What a teacher can have paid out"},
    )
    payout_pending = Money(
        required=True,
        attribute="payout_pending_minor",
        metadata={"example": "0.00", "description": "Payouts on their way"},
    )
    total = Money(required=True, attribute="total_minor", metadata={"example": "100.00"})
    currency = fields.String(required=True, metadata=_CURRENCY)
    wallet_address = fields.String(required=True, allow_none=True, metadata={"example": None})
    as_of = Moment(required=True, metadata=_MOMENT)


class BalanceQuery(QuerySchema):
    """When the balance is wanted of."""

    at = Moment(load_default=None, metadata={**_MOMENT, "description": "A past moment; now by default"})


class MovementFilter(QuerySchema):
    """Which movements are wanted."""

    type = fields.String(load_default=None, validate=validate.OneOf(TYPES), metadata={"example": "payment"})
    since = Moment(
        data_key="from", load_default=None, metadata={**_MOMENT, "description": "At or after this moment"}
    )
    until = Moment(
        data_key="to", load_default=None, metadata={**_MOMENT, "description": "Before this moment"}
    )


class MovementQuery(MovementFilter, PageQuery):
    """Which movements to list."""


class ReferenceOut(Schema):
    """What a movement belongs to."""

    type = fields.String(required=True, metadata={"example": "session"})
    id = fields.String(required=True, metadata=_ID)


class MovementOut(Schema):
    """One movement of money, as its owner sees it."""

    id = fields.UUID(required=True, metadata=_ID)
    type = fields.String(required=True, validate=validate.OneOf(TYPES), metadata={"example": "payment"})
    status = fields.String(
        required=True,
        validate=validate.OneOf(PAYOUT_STATUSES),
        metadata={"example": COMPLETED, "description": "Of a payout: how it stands now"},
    )
    direction = fields.String(
        required=True, validate=validate.OneOf(["in", "out"]), metadata={"example": "out"}
    )
    amount = Money(required=True, attribute="amount_minor", metadata=_AMOUNT)
    currency = fields.String(required=True, metadata=_CURRENCY)
    reference = fields.Nested(ReferenceOut, required=True)
    created_at = Moment(required=True, metadata=_MOMENT)


class MovementsOut(Schema):
    """A page of movements, the newest first."""

    items = fields.List(fields.Nested(MovementOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True, metadata=_CURSOR)


class TopUpIn(Schema):
    """How much to pay in."""

    amount = Money(required=True, metadata=_AMOUNT)


def payment_url(top_up: TopUp) -> str | None:
    """Return where a pending top-up is paid."""
    return top_up.payment_url if top_up.status == PENDING else None


class TopUpOut(Schema):
    """Money on its way in."""

    id = fields.UUID(required=True, metadata=_ID)
    status = fields.String(
        required=True,
        validate=validate.OneOf([PENDING, PAID, DECLINED, EXPIRED, MISMATCH]),
        metadata={
            "example": PENDING,
            "description": "An `expired` one becomes `paid` if it is paid late; a `mismatch` was paid "
            "otherwise than asked, and is looked into by an administrator",
        },
    )
    amount = Money(required=True, attribute="amount_minor", metadata=_AMOUNT)
    currency = fields.String(required=True, metadata=_CURRENCY)
    gateway = fields.String(required=True, metadata={"example": "sandbox"})
    test_money = fields.Boolean(
        required=True,
        attribute="is_test_money",
        metadata={"example": True, "description": "True when nobody pays anything real"},
    )
    payment_url = fields.Function(
        payment_url,
        required=True,
        metadata={
            "type": ["string", "null"],
            "example": "http://127.0.0.1:8000/pay/sandbox/6sYb0c1",
            "description": "Where to pay; null until the gateway has told, and once it is decided",
        },
    )
    created_at = Moment(required=True, metadata=_MOMENT)
    expires_at = Moment(required=True, metadata=_MOMENT)
    paid_at = Moment(required=True, allow_none=True, metadata={"example": None})


class TopUpsOut(Schema):
    """A page of top-ups, the newest first."""

    items = fields.List(fields.Nested(TopUpOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True, metadata=_CURSOR)


class PayoutIn(Schema):
    """How much to have paid out."""

    amount = Money(required=True, metadata=_AMOUNT)


class PayoutOut(Schema):
    """Money on its way out, or how that ended."""

    id = fields.UUID(required=True, metadata=_ID)
    status = fields.String(
        required=True, validate=validate.OneOf(PAYOUT_STATUSES), metadata={"example": PENDING}
    )
    amount = Money(required=True, attribute="amount_minor", metadata=_AMOUNT)
    currency = fields.String(required=True, metadata=_CURRENCY)
    reference = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": None, "description": "The payment outside that completed it"},
    )
    reason = fields.String(
        required=True, allow_none=True, metadata={"example": None, "description": "Why it failed"}
    )
    created_at = Moment(required=True, metadata=_MOMENT)
    decided_at = Moment(required=True, allow_none=True, metadata={"example": None})


class PayoutsOut(Schema):
    """A page of payouts, the newest first."""

    items = fields.List(fields.Nested(PayoutOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True, metadata=_CURSOR)


class DecisionIn(Schema):
    """What the payer decides on the sandbox's payment page."""

    action = fields.String(required=True, validate=validate.OneOf(["confirm", "decline"]))
