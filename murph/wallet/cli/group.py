"""The group of the wallet's commands, and how they read their options."""

import click
from flask import current_app

from murph.core import money
from murph.core.cli import CommandGroup

wallet = CommandGroup("wallet", help="Money: top-ups, payouts, refunds, corrections of the books.")


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
