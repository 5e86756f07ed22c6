"""Habits of the command line: refusals as exit code 1, tables for people, one JSON document for programs."""

import json
from collections.abc import Sequence
from typing import Any

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.table import Table

from murph.core.errors import MurphError

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")


class CommandGroup(AppGroup):
    """Commands inside the application, whose refusals are a sentence on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except MurphError as error:
            raise click.ClickException(error.detail) from error


def counted(count: int, thing: str) -> str:
    """Write how many there are of a thing."""
    return f"{count or 'No'} {thing}{'' if count == 1 else 's'}"


def print_json(document: Any) -> None:
    """Print a document for programs."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows for people; cells are shown as they are, without markup."""
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(markup=False, highlight=False).print(table)
