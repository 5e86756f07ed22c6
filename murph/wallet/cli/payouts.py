"""``flask wallet payouts``: what teachers want to have paid out."""

from datetime import datetime
from typing import Any
from uuid import UUID

import click

from murph.auth.acting import by_option
from murph.auth.models import User
from murph.core import clock
from murph.core.cli import CommandGroup, Line, json_option, print_json, print_table, reason_option
from murph.gateways import payment
from murph.wallet import queries, service
from murph.wallet.cli.group import wallet
from murph.wallet.models import Payout
from murph.wallet.schemas import PAYOUT_STATUSES, PayoutOut

_COLUMNS = (
    *("id", "amount", "currency", "status", "created_at", "email", "name", "wallet_address"),
    *("reference", "reason", "decided_by"),
)


@wallet.group("payouts", cls=CommandGroup)
def payouts() -> None:
    """List payouts, and say how they ended.

    \b
    Examples:
      flask wallet payouts list --status pending
      flask wallet payouts confirm 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --reference BANK-2026-0042
      flask wallet payouts reject 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --reason "account closed"
    """


@payouts.command("list")
@click.option("--status", type=click.Choice(PAYOUT_STATUSES), help="Only payouts in this status.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_(status: str | None, limit: int, as_json: bool) -> None:
    """List the payouts of everybody, the oldest first.

    \b
    Example:
      flask wallet payouts list --status pending --json
    """
    items = [_listed(*found) for found in queries.everybodys_payouts(status=status, limit=limit)]
    if as_json:
        print_json({"items": items})
    else:
        print_table(_COLUMNS, [[item[column] for column in _COLUMNS] for item in items], of="payouts")


def _listed(payout: Payout, payee: User, decided_by: str | None) -> dict[str, Any]:
    person = {"email": payee.email, "name": payee.name, "wallet_address": payee.wallet_address}
    asked: dict[str, Any] = PayoutOut().dump(payout)
    return {**asked, "user_id": str(payee.id), **person, "decided_by": decided_by}


@payouts.command("confirm")
@click.argument("payout_id", type=click.UUID)
@click.option("--reference", required=True, type=Line(100), help="The payment outside; it pays one payout.")
@by_option
def confirm(payout_id: UUID, reference: str, actor_id: UUID | None) -> None:
    """Note that PAYOUT_ID was paid outside; refused where test money is in use.

    \b
    Example:
      flask wallet payouts confirm 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --reference BANK-2026-0042
    """
    gateway, at = payment.gateway(), clock.now()
    paid = service.confirm_payout(
        payout_id=payout_id,
        reference=reference,
        gateway=gateway.name,
        is_test_money=gateway.is_test_money,
        at=at,
        actor_id=actor_id,
    )
    click.echo(f"{_repeated(paid, at)}Payout {paid.id} was paid with {paid.reference}.")


@payouts.command("reject")
@click.argument("payout_id", type=click.UUID)
@reason_option
@by_option
def reject(payout_id: UUID, reason: str, actor_id: UUID | None) -> None:
    """Give the money of PAYOUT_ID back to what its teacher earned.

    \b
    Example:
      flask wallet payouts reject 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --reason "account closed"
    """
    at = clock.now()
    failed = service.reject_payout(payout_id=payout_id, reason=reason, at=at, actor_id=actor_id)
    click.echo(f"{_repeated(failed, at)}Payout {failed.id} was rejected: {failed.reason}.")


def _repeated(decided: Payout, at: datetime) -> str:
    return "" if decided.decided_at == at else "Nothing new: it was decided before. "
