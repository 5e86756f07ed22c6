"""``flask user export``: what is held about somebody, for whoever asks in writing."""

from uuid import UUID

import click
from flask.cli import with_appcontext

from murph.app.personal import export as exporting
from murph.auth.acting import account_id
from murph.core.cli import Deed


@click.command("export", cls=Deed)
@click.argument("account", callback=account_id)
@with_appcontext
def export(account: UUID) -> None:
    """Print everything that is held about ACCOUNT (an id or an e-mail) as one JSON document.

    \b
    Example:
      flask user export chloe@example.org > chloe.json
    """
    for piece in exporting.document(account):
        click.echo(piece, nl=False)
