"""``flask wallet topup``."""

import click
from flask import current_app

from murph.auth import service as auth
from murph.core import clock, money
from murph.gateways import payment
from murph.wallet import service
from murph.wallet.cli.group import Amount, wallet


@wallet.command("topup")
@click.option("--email", required=True, help="Whose wallet.")
@click.option("--amount", "amount_minor", required=True, type=Amount(), help="How much, e.g. 50.00.")
def top_up(email: str, amount_minor: int) -> None:
    """Top a wallet up with test money, as a payment on the sandbox's page would.

    Where real money is in use this is refused.

    \b
    Example:
      flask wallet topup --email ada@example.org --amount 50.00
    """
    currency, at = current_app.config["CURRENCY"], clock.now()
    user = auth.find_user(email=email)
    user_id, address = user.id, user.email
    paid = service.pay_in_test_money(
        user_id=user_id, amount_minor=amount_minor, currency=currency, gateway=payment.gateway(), at=at
    )
    available = money.to_text(service.available_minor(user_id), currency)
    click.echo(f"Top-up {paid.id}: {address} now has {available} {currency} available.")
