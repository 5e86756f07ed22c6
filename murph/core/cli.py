"""Habits of the command line: refusals as exit code 1, tables for people, one JSON document for programs."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import click
import structlog
from flask.cli import AppGroup
from marshmallow import ValidationError
from rich.console import Console
from rich.table import Table

from murph.core import audit, clock
from murph.core.errors import MurphError
from murph.core.http.fields import Text

_FRACTION = re.compile(r"(?<=T\d\d:\d\d:\d\d)\.\d{6}Z")

_UNBOUNDED = 10_000

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")


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


reason_option = click.option("--reason", required=True, type=Line(500), help="Why; it is kept.")
maybe_reason = click.Option(["--reason"], type=Line(500), help="Why; it is kept.")


READS = {
    *("list", "show", "signals", "bonuses", "verify", "balance", "statement", "evaluate"),
    *("simulator", "watch"),
}
"""Commands that change nothing; every other one leaves a row in the audit log."""
PERSONAL = {"email", "name"}
"""What may not stay in that row when somebody is forgotten; whom it is about stands there as an id."""


class Deed(click.Command):
    """A command that is written down before it runs: also one that is killed was asked for."""

    asked_of_all: ClassVar[Sequence[click.Option]] = (maybe_reason,)
    """Options of every such command that has not its own; the application adds who is acting."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its own options and those of all deeds."""
        return [*super().get_params(ctx), *self._added]

    @property
    def _added(self) -> list[click.Option]:
        own = {param.name for param in self.params}
        return [] if self.name in READS else [each for each in self.asked_of_all if each.name not in own]

    def invoke(self, ctx: click.Context) -> Any:
        """Write down what was asked for, do it, and write down a refusal too."""
        if self.name in READS:
            return super().invoke(ctx)
        action, asked = f"cli.{_path(ctx)}", dict(ctx.params)
        for option in self._added:
            del ctx.params[option.name or ""]
        actor_id, reason = asked.pop("actor_id", None), asked.pop("reason", None)
        about = next((each for each in asked.values() if isinstance(each, UUID)), None)
        note, unsaid = partial(audit.note, object_id=about, actor_id=actor_id), {"as_json", *PERSONAL}
        details = {name: _plain(each) for name, each in asked.items() if each and name not in unsaid}
        note(action, at=clock.now(), reason=reason, details=details)
        try:
            return super().invoke(ctx)
        except MurphError as error:
            note(f"{action}.refused", at=clock.now(), reason=error.code)
            raise


def _path(ctx: click.Context) -> str:
    names = []
    while ctx.parent is not None:
        names.append(ctx.info_name or "")
        ctx = ctx.parent
    return ".".join(reversed(names))


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float) else str(value)


class CommandGroup(AppGroup):
    """Commands inside the application, whose refusals are a sentence on stderr and exit code 1."""

    command_class = Deed

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            with structlog.contextvars.bound_contextvars(by=audit.operator()):
                return super().invoke(ctx)
        except MurphError as error:
            raise click.ClickException(error.detail) from error


def counted(count: int, thing: str) -> str:
    """Write how many there are of a thing."""
    return f"{count or 'No'} {thing}{'' if count == 1 else 's'}"


def print_json(document: Any) -> None:
    """Print a document for programs."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, of: str, prose: Sequence[str] = ()
) -> None:
    """Print rows for people, as a table or, where that is too narrow for it, one below the other.

    Only the columns `prose` are wrapped: ids, and whatever else is copied, stay in one piece. `of` is what
    they are, several of them; without any row that is said.
    """
    if not rows:
        click.echo(f"No {of}.")
        return
    console = Console(markup=False, highlight=False)
    cells = [[_shown(cell) for cell in row] for row in rows]
    table = Table()
    for column in columns:
        table.add_column(column, no_wrap=column not in prose, overflow="fold")
    for row in cells:
        table.add_row(*row)
    if console.measure(table, options=console.options.update(width=_UNBOUNDED)).minimum <= console.width:
        console.print(table)
    else:
        click.echo("\n".join(_record(columns, row) for row in cells), nl=False)


def print_record(document: Mapping[str, object]) -> None:
    """Print one thing for people, a line or more for each of its fields."""
    click.echo(_record(list(document), [_shown(value) for value in document.values()]), nl=False)


def _record(names: Sequence[str], values: Sequence[str]) -> str:
    indent = max(map(len, names)) + 2
    pairs = zip(names, values, strict=True)
    lines = (f"{name:<{indent}}" + value.replace("\n", "\n" + " " * indent) for name, value in pairs)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _shown(cell: object) -> str:
    """Return a value as people write it: moments to the second, nothing for none, no Python."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, list | tuple):
        return "\n".join(map(_shown, cell))
    if isinstance(cell, Mapping):
        parts = ((name, _shown(value).replace("\n", "; ")) for name, value in cell.items())
        return ", ".join(f"{name} {part}".rstrip() for name, part in parts)
    return _FRACTION.sub("Z", str(cell))
