"""Compare our top-ups with what the gateway says of them, and name every difference."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from murph.core import money
from murph.core.queue import run_each
from murph.gateways.payment.port import (
    Credit,
    GatewayUnavailable,
    KeyRefused,
    Payment,
    PaymentGateway,
    PaymentStatus,
    PaymentUnknown,
)
from murph.ledger import service as ledger
from murph.wallet import queries
from murph.wallet.models import DECLINED, MISMATCH, PAID, TopUp
from murph.wallet.service.errors import TopUpExpired
from murph.wallet.service.top_ups import (
    WATCHED_FOR,
    claim_for_look,
    follow_payment,
    look_at_payment,
    postpone_look,
)

RECENTLY_PAID = timedelta(days=7)
SETTLES_WITHIN = timedelta(minutes=10)
PROCESSED_WITHIN = timedelta(hours=1)
CREDITS_AT_ONCE = 500


class Kind(StrEnum):
    """In what way the gateway and our books differ."""

    PAID_THERE = "paid_there"
    NOT_PAID_THERE = "not_paid_there"
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    CANCELED_THERE = "canceled_there"
    UNKNOWN_THERE = "unknown_there"
    UNKNOWN_HERE = "unknown_here"
    NEEDS_ACTION = "needs_action"
    NOT_RELEASED = "not_released"
    RELEASED_NOT_PAID = "released_not_paid"
    STUCK = "stuck"
    NEVER_OPENED = "never_opened"
    NO_ANSWER = "no_answer"
    KEY_REFUSED = "key_refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Difference:
    """One difference; `is_settled` when this very run has put it right."""

    kind: Kind
    detail: str
    top_up_id: UUID | None = None
    payment_id: str | None = None
    is_settled: bool = False


@dataclass
class Report:
    """What a reconciliation looked at and found.

    `skipped` were being looked at by somebody else; `not_compared` are open ones of other gateways, by name.
    """

    looked_at: int = 0
    skipped: int = 0
    not_compared: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def remaining(self) -> list[Difference]:
        """Return the differences that somebody has to see to."""
        return [difference for difference in self.differences if not difference.is_settled]


def reconcile(*, gateway: PaymentGateway, is_dry_run: bool = False, at: datetime) -> Report:
    """Look at every top-up that is not final or was paid lately, and at all that the gateway credited.

    What is paid there and not here is credited as the poll would have done it, unless `is_dry_run`.
    """
    report = Report(not_compared=queries.open_top_ups_elsewhere(gateway.name))
    asked_since, paid_since = at - WATCHED_FOR, at - RECENTLY_PAID
    unsettled = queries.top_ups_to_reconcile(
        gateway=gateway.name, asked_since=asked_since, paid_since=paid_since
    )
    _compare_each(report, unsettled, gateway, is_dry_run=is_dry_run, at=at)
    try:
        credits = list(gateway.credits())
    except GatewayUnavailable as error:
        kind, detail = _silence(error)
        report.differences.append(Difference(kind, f"what it credited is not known: {detail}"))
        return report
    unpaid = [each for each in _compare_credits(report, credits, gateway.name) if each not in unsettled]
    _compare_each(report, unpaid, gateway, is_dry_run=is_dry_run, at=at)
    return report


def _compare_each(
    report: Report, top_up_ids: Sequence[UUID], gateway: PaymentGateway, *, is_dry_run: bool, at: datetime
) -> None:
    """Compare these top-ups one by one: one whose row is beyond us is named, and ends nothing."""

    def compare(top_up_id: UUID) -> UUID:
        _compare(report, top_up_id, gateway, is_dry_run=is_dry_run, at=at)
        return top_up_id

    compared = set(run_each(top_up_ids, compare))
    for top_up_id in top_up_ids:
        if top_up_id not in compared:
            report.differences.append(Difference(Kind.FAILED, "the log says what went wrong", top_up_id))


def _compare(
    report: Report, top_up_id: UUID, gateway: PaymentGateway, *, is_dry_run: bool, at: datetime
) -> None:
    before = _Snapshot.of(top_up_id)
    if before.payment_id is None and is_dry_run:
        report.differences.append(before.difference(Kind.NEVER_OPENED, "the gateway was never reached"))
        return
    if not claim_for_look(top_up_id=top_up_id, at=at):
        report.skipped += 1
        return
    report.looked_at += 1
    try:
        payment = look_at_payment(top_up_id=top_up_id, gateway=gateway, at=at)
        if is_dry_run:
            postpone_look(top_up_id=top_up_id, at=at)
        else:
            follow_payment(top_up_id=top_up_id, payment=payment, gateway=gateway, at=at)
    except (PaymentUnknown, TopUpExpired):
        report.differences.append(before.difference(Kind.UNKNOWN_THERE, "the gateway knows no such payment"))
    except GatewayUnavailable as error:
        report.differences.append(before.difference(*_silence(error)))
    else:
        report.differences += _differences(before, _Snapshot.of(top_up_id), payment, at=at)


def _silence(error: GatewayUnavailable) -> tuple[Kind, str]:
    kind = Kind.KEY_REFUSED if isinstance(error, KeyRefused) else Kind.NO_ANSWER
    return kind, str(error.__cause__ or error)


@dataclass(frozen=True)
class _Snapshot:
    """A top-up as it stood at a moment: looking gives the row's connection back."""

    top_up_id: UUID
    payment_id: str | None
    status: str
    amount: tuple[int, str]
    paid_at: datetime | None
    released_at: datetime | None
    gateway_status_at: datetime
    is_in_our_currency: bool

    @classmethod
    def of(cls, top_up_id: UUID) -> "_Snapshot":
        row = queries.top_up(top_up_id)
        assert row is not None
        amount = (row.amount_minor, row.currency)
        moments = (row.paid_at, row.released_at, row.gateway_status_at)
        is_in_our_currency = ledger.keeps(row.currency)
        return cls(row.id, row.payment_id, row.status, amount, *moments, is_in_our_currency)

    @property
    def is_paid(self) -> bool:
        return self.status == PAID

    def difference(self, kind: Kind, detail: str, *, is_settled: bool = False) -> Difference:
        return Difference(kind, detail, self.top_up_id, self.payment_id, is_settled)


def _differences(
    before: _Snapshot, after: _Snapshot, payment: Payment, *, at: datetime
) -> Iterator[Difference]:
    is_paid_there = payment.status is PaymentStatus.PAID
    is_as_asked = (payment.amount_minor, payment.currency) == before.amount
    if not is_as_asked and (is_paid_there or before.status == MISMATCH or before.is_paid):
        there = _written(payment.amount_minor, payment.currency)
        yield before.difference(Kind.AMOUNT_DIFFERS, f"{there} there, {_written(*before.amount)} here")
    elif not before.is_in_our_currency and (is_paid_there or before.status == MISMATCH):
        detail = f"{_written(*before.amount)}, and the books here are kept in another currency"
        yield before.difference(Kind.CURRENCY_DIFFERS, detail)
    elif is_paid_there and not before.is_paid:
        detail = f"{_written(*before.amount)}, {before.status} here"
        yield before.difference(Kind.PAID_THERE, detail, is_settled=after.is_paid)
    elif before.is_paid and not is_paid_there:
        yield before.difference(Kind.NOT_PAID_THERE, f"credited here, {payment.status} there")
    elif payment.status is PaymentStatus.CANCELED and before.status != DECLINED:
        is_declined = after.status == DECLINED
        yield before.difference(Kind.CANCELED_THERE, f"{before.status} here", is_settled=is_declined)
    if payment.status is PaymentStatus.NEEDS_ACTION:
        yield before.difference(Kind.NEEDS_ACTION, "the gateway waits for somebody to act there")
    elif payment.awaits_release or not is_paid_there:
        yield from _delays(before, after, payment, at=at)


def _delays(before: _Snapshot, after: _Snapshot, payment: Payment, *, at: datetime) -> Iterator[Difference]:
    if before.released_at is not None and (
        payment.awaits_release or at - before.released_at > SETTLES_WITHIN
    ):
        where = "in escrow" if payment.awaits_release else payment.status
        detail = f"released {before.released_at:%Y-%m-%dT%H:%M:%SZ}, {where} there"
        is_released_anew = after.released_at != before.released_at
        yield before.difference(Kind.RELEASED_NOT_PAID, detail, is_settled=is_released_anew)
    elif payment.awaits_release and _is_long_paid(before, at=at):
        detail = "credited here, in escrow there and never released"
        yield before.difference(Kind.NOT_RELEASED, detail, is_settled=after.released_at is not None)
    elif payment.status is PaymentStatus.PROCESSING and at - before.gateway_status_at > PROCESSED_WITHIN:
        detail = f"{payment.status} there since {before.gateway_status_at:%Y-%m-%dT%H:%M:%SZ}"
        yield before.difference(Kind.STUCK, detail)


def _is_long_paid(before: _Snapshot, *, at: datetime) -> bool:
    return before.released_at is None and before.paid_at is not None and at - before.paid_at > SETTLES_WITHIN


def _compare_credits(report: Report, credits: list[Credit], gateway: str) -> list[UUID]:
    """Report credits that nobody here asked for; return the top-ups that are not paid here.

    How often a payment was credited is not compared: this gateway is known to book one twice.
    """
    by_payment = {credit.payment_id: credit for credit in credits}
    unpaid: list[UUID] = []
    every_id = list(by_payment)
    for first in range(0, len(every_id), CREDITS_AT_ONCE):
        payment_ids = every_id[first : first + CREDITS_AT_ONCE]
        known: dict[str, TopUp] = queries.top_ups_paid_by(gateway=gateway, payment_ids=payment_ids)
        unpaid += [
            top_up.id for top_up in known.values() if top_up.status != PAID and top_up.closed_at is None
        ]
        for payment_id in payment_ids:
            if payment_id not in known:
                credit = by_payment[payment_id]
                detail = f"{_written(credit.amount_minor, credit.currency)} credited there"
                report.differences.append(Difference(Kind.UNKNOWN_HERE, detail, payment_id=payment_id))
    return unpaid


def _written(amount_minor: int | None, currency: str) -> str:
    return "no amount" if amount_minor is None else f"{money.to_text(amount_minor, currency)} {currency}"
