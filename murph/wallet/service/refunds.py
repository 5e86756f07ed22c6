"""Give a settled payment back, in part or as a whole."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from murph.core import money
from murph.core.db import db, transactional, violated_constraint
from murph.core.events import tell
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.service import InsufficientBalance, Leg
from murph.metering.cost import Split, refund_split
from murph.wallet import queries
from murph.wallet.models import Hold, Refund
from murph.wallet.service.errors import (
    HoldNotFound,
    NothingToRefund,
    RefundTooLarge,
    TeacherBalanceShort,
    TicketUsed,
    shortage,
)


@dataclass(frozen=True)
class Refunded:
    """Some of what was paid for the `ref` of a purpose was given back."""

    purpose: str
    ref: str
    at: datetime


@dataclass(frozen=True)
class Given:
    """A refund, and whether it was made just now or earlier."""

    refund: Refund
    is_new: bool


@transactional
def refund(
    *,
    purpose: str,
    ref: str,
    amount_minor: int | None,
    reason: str,
    at: datetime,
    ticket: str,
    platform_pays: bool = False,
    actor_id: UUID | None = None,
) -> Given:
    """Give an amount, or with None all that is left, of what was paid out of a hold back to its user.

    Teacher and platform give it in the proportion in which they were paid. With `platform_pays`, what
    the teacher no longer has comes out of the platform's bonuses. A ticket is good for one refund:
    asking for the same again with it returns the first.

    Raises:
        HoldNotFound: nothing was set aside for this.
        NothingToRefund: nobody was paid.
        RefundTooLarge: less than that is left.
        TeacherBalanceShort: the teacher no longer has that share, and the platform is not to pay.
        TicketUsed: the ticket stands for another refund.
    """
    held = queries.locked_hold_for(purpose=purpose, ref=ref)
    if held is None:
        raise HoldNotFound("No money was ever set aside for this. Check the id.")
    if earlier := queries.refund_by_ticket(ticket):
        asked = (held.id, _asked_minor(earlier), earlier.reason, earlier.platform_pays)
        if (earlier.hold_id, amount_minor, reason, platform_pays) != asked:
            raise TicketUsed
        return Given(earlier, is_new=False)
    made = _new_refund(held, amount_minor, reason=reason, ticket=ticket, platform_pays=platform_pays, at=at)
    _post(made, held, at=at, actor_id=actor_id)
    tell(Refunded(purpose, ref, at))
    return Given(made, is_new=True)


def refunds(*, purpose: str, ref: str) -> list[Refund]:
    """Return what was given back of what was paid for one thing, the first one first."""
    return queries.refunds_of(purpose=purpose, ref=ref)


def _asked_minor(made: Refund) -> int | None:
    return None if made.is_rest else made.amount_minor


def _new_refund(
    held: Hold, amount_minor: int | None, *, reason: str, ticket: str, platform_pays: bool, at: datetime
) -> Refund:
    if not held.captured_minor:
        raise NothingToRefund
    count, before_minor = queries.refunded(held.id)
    left_minor = held.captured_minor - before_minor
    if amount_minor is None and not left_minor:
        raise NothingToRefund("All of this payment was given back before. Nothing is left of it.")
    is_rest = amount_minor is None
    amount_minor = left_minor if amount_minor is None else amount_minor
    if not 0 < amount_minor <= left_minor:
        raise RefundTooLarge(extra={"refundable": money.to_text(left_minor, held.currency)})
    share = refund_split(amount_minor=amount_minor, before_minor=before_minor, paid=_paid(held))
    made = Refund(
        hold_id=held.id,
        number=count + 1,
        ticket=ticket,
        is_rest=is_rest,
        platform_pays=platform_pays,
        amount_minor=amount_minor,
        teacher_minor=share.teacher_minor,
        bonus_minor=0,
        fee_minor=share.fee_minor,
        currency=held.currency,
        reason=reason,
        created_at=at,
    )
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        if violated_constraint(error) != "uq_refund_ticket":
            raise
        raise TicketUsed from error
    return made


def _paid(held: Hold) -> Split:
    shares = queries.shares(held)
    fee_minor = shares.get(codes.PLATFORM_FEE, 0)
    return Split(teacher_minor=sum(shares.values()) - fee_minor, fee_minor=fee_minor)


def _post(made: Refund, held: Hold, *, at: datetime, actor_id: UUID | None) -> None:
    """Move the money; the refused attempt tells what the teacher has, and keeps it locked."""
    earned = next((code for code in queries.shares(held) if code != codes.PLATFORM_FEE), "")
    available = codes.user_available(held.user_id)

    def move() -> None:
        sources = (
            (earned, made.teacher_minor),
            (codes.PLATFORM_BONUS, made.bonus_minor),
            (codes.PLATFORM_FEE, made.fee_minor),
        )
        ledger.post(
            kind="refund",
            ref_type="refund",
            ref_id=str(made.id),
            legs=[Leg(source, available, share_minor) for source, share_minor in sources if share_minor],
            currency=made.currency,
            at=at,
            actor_id=actor_id,
        )

    try:
        move()
    except InsufficientBalance as short:
        if short.account != earned:
            raise
        if not made.platform_pays:
            extra = shortage(short.required_minor, short.available_minor, made.currency)
            raise TeacherBalanceShort(extra=extra) from short
        made.bonus_minor = made.teacher_minor - short.available_minor
        made.teacher_minor = short.available_minor
        move()
