"""``flask wallet payouts``: what teachers want to have paid out."""

from uuid import UUID

import click

from murph.core import clock
from murph.core.cli import CommandGroup, json_option, print_json, print_table
from murph.gateways import payment
from murph.wallet import queries, service
from murph.wallet.cli.group import Line, by_option, reason_option, wallet
from murph.wallet.schemas import PAYOUT_STATUSES, ListedPayoutOut

_COLUMNS = ("id", "user_id", "amount", "currency", "status", "created_at", "reference", "reason")


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
    items = ListedPayoutOut(many=True).dump(queries.everybodys_payouts(status=status, limit=limit))
    if as_json:
        print_json({"items": items})
    else:
        print_table(_COLUMNS, [[item[column] or "" for column in _COLUMNS] for item in items])


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
    gateway = payment.gateway()
    paid = service.confirm_payout(
        payout_id=payout_id,
        reference=reference,
        gateway=gateway.name,
        is_test_money=gateway.is_test_money,
        at=clock.now(),
        actor_id=actor_id,
    )
    click.echo(f"Payout {paid.id} is {paid.status}, paid with {paid.reference}.")


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
    failed = service.reject_payout(payout_id=payout_id, reason=reason, at=clock.now(), actor_id=actor_id)
    click.echo(f"Payout {failed.id} is {failed.status}: {failed.reason}.")
