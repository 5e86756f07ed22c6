"""``flask wallet reconcile`` and ``close-mismatch``."""

from dataclasses import asdict
from uuid import UUID

import click

from murph.auth.acting import by_option
from murph.core import clock
from murph.core.cli import counted, json_option, print_json, print_table, reason_option
from murph.gateways import payment
from murph.wallet import service
from murph.wallet.cli.group import wallet


@wallet.command("reconcile")
@click.option("--dry-run", is_flag=True, help="Only report; credit nothing.")
@json_option
def reconcile(dry_run: bool, as_json: bool) -> None:
    """Compare top-ups with what the payment gateway says of them; exit with 1 when differences remain.

    Looks at those that are not final or were paid in the last week, and at all that the gateway
    credited. What was paid there and not noticed here is credited.

    \b
    Examples:
      flask wallet reconcile
      flask wallet reconcile --dry-run --json
    """
    gateway = payment.gateway()
    report = service.reconcile(gateway=gateway, is_dry_run=dry_run, at=clock.now())
    if as_json:
        found = [asdict(difference) for difference in report.differences]
        listed = [{**each, "top_up_id": each["top_up_id"] and str(each["top_up_id"])} for each in found]
        print_json(
            {
                "ok": not report.remaining,
                "gateway": gateway.name,
                "test_money": gateway.is_test_money,
                "looked_at": report.looked_at,
                "skipped": report.skipped,
                "not_compared": report.not_compared,
                "differences": listed,
            }
        )
    else:
        _print(report, gateway.name)
    if report.remaining:
        raise SystemExit(1)


def _print(report: service.Report, gateway: str) -> None:
    if report.differences:
        print_table(
            ("difference", "top-up", "payment", "what", "settled now"),
            [*map(_row, report.differences)],
            of="differences",
            prose=("what",),
        )
    skipped = f", {report.skipped} being looked at by somebody else" if report.skipped else ""
    click.echo(f"{counted(report.looked_at, 'top-up')} compared with {gateway}{skipped}.")
    for other, count in report.not_compared.items():
        click.echo(
            f"{counted(count, 'open top-up')} of {other} not compared: only the gateway in use is asked."
        )
    remaining = counted(len(report.remaining), "difference")
    click.echo(f"{remaining} remain{'s' if len(report.remaining) == 1 else ''}.")


def _row(found: service.Difference) -> tuple[object, ...]:
    return (found.kind, found.top_up_id, found.payment_id, found.detail, found.is_settled)


@wallet.command("close-mismatch")
@click.argument("top_up_id", type=UUID)
@reason_option
@by_option
def close_mismatch(top_up_id: UUID, reason: str, actor_id: UUID | None) -> None:
    """Close a top-up that was paid otherwise than asked for; `reconcile` no longer names it.

    Nothing is credited: settle it with its payer first.

    \b
    Example:
      flask wallet close-mismatch 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --reason "paid back by hand"
    """
    closed = service.close_mismatch(top_up_id=top_up_id, reason=reason, actor_id=actor_id, at=clock.now())
    click.echo(f"Top-up {closed.id} is closed.")
