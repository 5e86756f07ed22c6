"""``flask wallet``: money, for administrators."""

import click
from flask import current_app

from murph.auth import service as auth
from murph.core import clock, money
from murph.core.cli import CommandGroup
from murph.wallet import service

wallet = CommandGroup("wallet", help="Money: top a wallet up, correct the books.")


class Amount(click.ParamType[int]):
    """An amount in the deployment's currency, read into minor units."""

    name = "amount"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the amount.

        Raises:
            click.BadParameter: it is not a positive amount in the currency's places.
        """
        try:
            amount_minor = money.parse(value, current_app.config["CURRENCY"])
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if amount_minor == 0:
            self.fail("Must be more than zero.", param, ctx)
        return amount_minor


@wallet.command("topup")
@click.option("--email", required=True, help="Whose wallet.")
@click.option("--amount", "amount_minor", required=True, type=Amount(), help="How much, e.g. 50.00.")
def top_up(email: str, amount_minor: int) -> None:
    """Top a wallet up with test money, as a payment on the sandbox's page would.

    \b
    Example:
      flask wallet topup --email ada@example.org --amount 50.00
    """
    currency, at = current_app.config["CURRENCY"], clock.now()
    user = auth.find_user(email=email)
    asked = service.request_top_up(user_id=user.id, amount_minor=amount_minor, currency=currency, at=at)
    paid = service.confirm_top_up(top_up_id=asked.id, at=at)
    available = money.to_text(service.available_minor(user.id), currency)
    click.echo(f"Top-up {paid.id}: {user.email} now has {available} {currency} available.")


@wallet.command("adjust")
@click.option("--ticket", required=True, help="The ticket that asks for it; each is done once.")
@click.option("--from", "debit", required=True, help="The account that pays, e.g. platform:bonus.")
@click.option("--to", "credit", required=True, help="The account that receives, e.g. user:<id>:available.")
@click.option("--amount", "amount_minor", required=True, type=Amount(), help="How much, e.g. 5.00.")
@click.option("--reason", required=True, help="Why; it is kept with the journal entry.")
def adjust(ticket: str, debit: str, credit: str, amount_minor: int, reason: str) -> None:
    """Correct the books by hand: move an amount from one account to another.

    \b
    Example:
      flask wallet adjust --ticket T-17 --from platform:bonus --amount 5.00 \\
        --to user:0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11:available --reason "outage on 3 May"
    """
    txn = service.adjust(
        ticket=ticket,
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        currency=current_app.config["CURRENCY"],
        reason=reason,
        at=clock.now(),
    )
    click.echo(f"Posted as {txn.id} for ticket {txn.ref_id}.")
