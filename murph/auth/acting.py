"""Who acts on the command line, for what is kept with a deed."""

from typing import Any
from uuid import UUID

import click

from murph.auth import service
from murph.auth.models import ADMIN


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
