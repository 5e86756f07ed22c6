"""``flask wallet topup``."""

from uuid import UUID

import click
from flask import current_app

from murph.auth import service as auth
from murph.auth.acting import account_id
from murph.core import clock, money
from murph.gateways import payment
from murph.wallet import service
from murph.wallet.cli.group import Amount, wallet


@wallet.command("topup")
@click.option("--email", "account", required=True, callback=account_id, help="Whose wallet.")
@click.option("--amount", "amount_minor", required=True, type=Amount(), help="How much, e.g. 50.00.")
def top_up(account: UUID, amount_minor: int) -> None:
    """Top a wallet up with test money, as a payment on the sandbox's page would.

    Where real money is in use this is refused.

    \b
    Example:
      flask wallet topup --email ada@example.org --amount 50.00
    """
    currency, at = current_app.config["CURRENCY"], clock.now()
    address = auth.get_user(user_id=account).email
    paid = service.pay_in_test_money(
        user_id=account, amount_minor=amount_minor, currency=currency, gateway=payment.gateway(), at=at
    )
    available = money.to_text(service.available_minor(account), currency)
    click.echo(f"Top-up {paid.id}: {address} now has {available} {currency} available.")
