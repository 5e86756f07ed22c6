"""``flask discovery evaluate``: how good and how fast the ranking is."""

from dataclasses import asdict, fields
from pathlib import Path

import click

from murph.core.cli import json_option, print_json, print_table
from murph.discovery.cli.group import discovery
from murph.discovery.evaluation import catalogues
from murph.discovery.evaluation.catalogues import DEVELOPMENT, QuestionSet
from murph.discovery.evaluation.measuring import Figures, chat_with, measure, scratch_index, search_in

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@discovery.command("evaluate")
@click.option("--catalogue", "files", type=_FILE, multiple=True, help="What can be found; may be repeated.")
@click.option("--queries", type=_FILE, help="What is asked of these catalogues.")
@click.option("--chat", is_flag=True, help="Understand each query as the message of a chat first.")
@json_option
def evaluate(files: tuple[Path, ...], queries: Path | None, chat: bool, as_json: bool) -> None:
    """Measure the ranking on questions with known answers, on an index made for that.

    Without files: the development queries that come with Murph. The database is not asked or changed.
    With --chat the topic of a message and what it excludes decide; its wishes for level, length and
    price do not, since files do not have all of them.

    \b
    Examples:
      flask discovery evaluate
      flask discovery evaluate --chat --json
      flask discovery evaluate --catalogue courses.json --queries questions.jsonl
    """
    if bool(files) != bool(queries):
        raise click.UsageError("--catalogue and --queries belong together.")
    sets = [QuestionSet(queries.stem, files, queries)] if queries else DEVELOPMENT
    found = {chosen.name: _figures(chosen, chat=chat) for chosen in sets}
    if as_json:
        items = [{"name": name, **asdict(figures)} for name, figures in found.items()]
        print_json(items[0] if queries else {"items": items})
    else:
        columns = [field.name for field in fields(Figures)]
        print_table(
            ["name", *columns], [[name, *_row(figures)] for name, figures in found.items()], of="figures"
        )


def _figures(chosen: QuestionSet, *, chat: bool) -> Figures:
    index = scratch_index(catalogues.documents(chosen.catalogues))
    search = chat_with(index) if chat else search_in(index)
    return measure(search, catalogues.queries(chosen.queries), documents=len(index))


def _row(figures: Figures) -> list[object]:
    return [f"{value:.3f}" if isinstance(value, float) else value for value in asdict(figures).values()]
