"""The group of the wallet's commands, and how they read their options."""

from uuid import UUID

import click
from flask import current_app
from marshmallow import ValidationError

from murph.auth import service as auth
from murph.auth.models import ADMIN
from murph.core import money
from murph.core.cli import CommandGroup
from murph.core.http.fields import Text

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


class Line(click.ParamType[str]):
    """A text under the rules that the API has for texts; blank is none."""

    name = "text"

    def __init__(self, max_length: int) -> None:
        self._rules = Text(min_length=1, max_length=max_length)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the text.

        Raises:
            click.BadParameter: it is blank, too long, or has control characters.
        """
        try:
            text: str = self._rules.deserialize(value)
        except ValidationError as error:
            self.fail(" ".join(map(str, error.messages)), param, ctx)
        return text


def _administrator(_ctx: click.Context, _param: click.Parameter, email: str | None) -> UUID | None:
    if email is None:
        return None
    user = auth.find_user(email=email)
    if user.user_type != ADMIN:
        raise click.BadParameter("this account is no administrator's")
    return user.id


by_option = click.option(
    "--by",
    "actor_id",
    callback=_administrator,
    help="Your own e-mail here; it is kept with the journal entry.",
)
reason_option = click.option("--reason", required=True, type=Line(500), help="Why; it is kept.")
