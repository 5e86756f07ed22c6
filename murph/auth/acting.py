"""Who acts on the command line, and on whom."""

from typing import Any
from uuid import UUID

import click

from murph.auth import service
from murph.auth.models import ADMIN
from murph.core.ids import parse_id


def account_id(_context: click.Context, _parameter: click.Parameter, account: str) -> UUID:
    """Return the id of an account that is named by its id or its e-mail."""
    user_id = parse_id(account)
    found = service.get_user(user_id=user_id) if user_id else service.find_user(email=account)
    return found.id


def _administrator(_ctx: click.Context, _param: click.Parameter, email: str | None) -> UUID | None:
    if email is None:
        return None
    user = service.find_user(email=email)
    if user.user_type != ADMIN:
        raise click.BadParameter("this account is no administrator's")
    return user.id


_BY: Any = {"callback": _administrator, "help": "Your own e-mail here; it is kept with what you do."}
by_option = click.option("--by", "actor_id", **_BY)
by = click.Option(["--by", "actor_id"], **_BY)
