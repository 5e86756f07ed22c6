"""``flask user``: accounts, for administrators."""

import sys
from typing import Any
from uuid import UUID

import click
from flask import current_app
from marshmallow import ValidationError

from murph.auth import service
from murph.auth.acting import account_id
from murph.auth.models import ACTIVE, ADMIN, STUDENT, SUSPENDED, TEACHER
from murph.auth.passwords import PasswordCost
from murph.auth.schemas import AdminIn, ListedUserOut
from murph.core import clock
from murph.core.cli import CommandGroup, json_option, print_json, print_table

user = CommandGroup("user", help="Accounts: create administrators, list, suspend, restore, export, delete.")
_COLUMNS = ("id", "email", "name", "user_type", "state", "created_at")


@user.command("create-admin")
@click.option("--email", required=True, help="The address to sign in with.")
@click.option("--name", required=True, help="The name to show.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
def create_admin(email: str, name: str, password_stdin: bool) -> None:
    """Create an administrator; the password is asked for unless it comes from stdin.

    \b
    Examples:
      flask user create-admin --email root@example.org --name "Ada Lovelace"
      pass show murph | flask user create-admin --email root@example.org --name Ada --password-stdin
    """
    fields = _load_admin({"email": email, "name": name, "password": _password(password_stdin)})
    created = service.create_admin(**fields, cost=PasswordCost.of(current_app.config), at=clock.now())
    click.echo(f"Created administrator {created.email} ({created.id}).")


@user.command("list")
@click.option("--type", "user_type", type=click.Choice([STUDENT, TEACHER, ADMIN]), help="Only this kind.")
@click.option("--state", type=click.Choice([ACTIVE, SUSPENDED]), help="Only in this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_option
def list_users(user_type: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """List accounts, the newest first.

    \b
    Examples:
      flask user list --type teacher
      flask user list --state suspended --json
    """
    found = service.list_users(user_type=user_type, state=state, limit=limit)
    items = ListedUserOut(many=True).dump(found)
    if as_json:
        print_json({"items": items})
    else:
        print_table(_COLUMNS, [[item[column] for column in _COLUMNS] for item in items], of="accounts")


@user.command("suspend")
@click.argument("account", callback=account_id)
def suspend(account: UUID) -> None:
    """Shut ACCOUNT (an id or an e-mail) out and end all its sign-ins.

    \b
    Example:
      flask user suspend mallory@example.org
    """
    suspended = service.suspend(user_id=account, at=clock.now())
    click.echo(f"Suspended {suspended.email} ({suspended.id}).")


@user.command("restore")
@click.argument("account", callback=account_id)
def restore(account: UUID) -> None:
    """Let ACCOUNT (an id or an e-mail) sign in again.

    \b
    Example:
      flask user restore mallory@example.org
    """
    restored = service.restore(user_id=account, at=clock.now())
    click.echo(f"Restored {restored.email} ({restored.id}).")


@user.command("delete")
@click.argument("account", callback=account_id)
@click.confirmation_option(prompt="This cannot be undone. Delete the account?")
def delete(account: UUID) -> None:
    """Forget whose ACCOUNT (an id or an e-mail) it is; numbers without a name stay.

    Refused while a session runs, money is left or on its way, or courses are published.

    \b
    Example:
      flask user delete chloe@example.org --yes
    """
    service.erase(user_id=account, cost=PasswordCost.of(current_app.config), at=clock.now())
    click.echo(f"Deleted the account; its numbers stay under {account}.")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return typed


def _load_admin(fields: dict[str, str]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = AdminIn().load(fields)
    except ValidationError as error:
        messages = [f"{field}: {' '.join(texts)}" for field, texts in error.messages_dict.items()]
        raise click.UsageError("\n".join(messages)) from error
    return loaded
