"""``flask wallet topup``."""

import click
from flask import current_app

from murph.auth import service as auth
from murph.core import clock, money
from murph.wallet import service
from murph.wallet.cli.group import Amount, wallet


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
