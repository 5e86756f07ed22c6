"""``flask wallet adjust``."""

from uuid import UUID

import click
from flask import current_app

from murph.auth.acting import by_option
from murph.core import clock
from murph.core.cli import Line, reason_option
from murph.wallet import service
from murph.wallet.cli.group import Amount, wallet


@wallet.command("adjust")
@click.option("--ticket", required=True, type=Line(64), help="The ticket that asks for it, done once.")
@click.option("--from", "debit", required=True, help="The account that pays, e.g. platform:bonus.")
@click.option("--to", "credit", required=True, help="The account that receives, e.g. user:<id>:available.")
@click.option("--amount", "amount_minor", required=True, type=Amount(), help="How much, e.g. 5.00.")
@reason_option
@by_option
def adjust(
    ticket: str, debit: str, credit: str, amount_minor: int, reason: str, actor_id: UUID | None
) -> None:
    """Correct the books by hand: move an amount from one account to another.

    \b
    Example:
      flask wallet adjust --ticket T-17 --from platform:bonus --amount 5.00 \\
        --to user:0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11:available --reason "outage on 3 May"
    """
    posted = service.adjust(
        ticket=ticket,
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        currency=current_app.config["CURRENCY"],
        reason=reason,
        at=clock.now(),
        actor_id=actor_id,
    )
    how = "Posted" if posted.is_new else "Nothing new: it was posted before,"
    click.echo(f"{how} as {posted.id} for ticket {ticket}.")
