"""Commands that documents show and no test runs are written as their parser wants them."""

import re
import shlex
from collections.abc import Iterable, Iterator

import click
import pytest
from flask import Flask

from config import Settings
from murph.core.errors import MurphError
from tests.docs.documents import ALL, Document

PLACEHOLDER = "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"
"""Stands for what a reader puts in: an id, wherever a command takes one."""
_CALL = re.compile(r"(?:(?:^|\.venv/bin/|exec worker |\$\()flask|^murph) (.+)", re.MULTILINE)
_END = {"|", "||", "&&", ";", "&", ">", ">>", "<", "<<<", "2>", ")"}


def calls(document: Document) -> Iterator[list[str]]:
    """Yield the words after ``flask`` of every command in the fences of a document."""
    for fence in document.fences:
        for call in _CALL.findall(fence.replace("\\\n", " ")):
            yield list(_words(call))


def _words(call: str) -> Iterator[str]:
    lexer = shlex.shlex(
        re.sub(r"<[a-z][\w-]*>|\$\(.*?\)|\$\w+", PLACEHOLDER, call), posix=True, punctuation_chars=True
    )
    lexer.whitespace_split = True
    for word in lexer:
        if word in _END:
            return
        yield word


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.name)
def test_every_command_takes_the_options_it_is_shown_with(app: Flask, document: Document) -> None:
    assert list(misused(app.cli, calls(document))) == []


def test_what_is_written_wrongly_is_found(app: Flask) -> None:
    written = [["doctor"], ["ledger", "verify", "--jason"], ["wallet", "payouts", "confirm"], ["leger"]]
    assert [complaint.partition(":")[0] for complaint in misused(app.cli, written)] == [
        "flask ledger verify --jason",
        "flask wallet payouts confirm",
        "flask leger",
    ]


def misused(flask: click.Group, written: Iterable[list[str]]) -> Iterator[str]:
    """Yield what is wrong with each command, as the command itself would say; nothing is run."""
    for words in written:
        command, rest = _meant(flask, words)
        try:
            if isinstance(command, click.Group):
                command.resolve_command(click.Context(command), rest)
            else:
                command.make_context(command.name, rest)
        except click.UsageError as error:
            yield f"flask {shlex.join(words)}: {error.format_message()}"
        except MurphError:
            pass  # it understood whom it is about, who is not there


def _meant(command: click.Command, words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that the first words name, and the words after them."""
    for number, word in enumerate(words):
        found = (
            command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        )
        if found is None:
            return command, words[number:]
        command = found
    return command, []


def test_every_setting_that_is_shown_exists() -> None:
    shown = {name for document in ALL for fence in document.fences for name in _settings(fence)}
    assert "FINTERNET_WEBHOOK_SECRET" in shown
    assert shown - Settings.model_fields.keys() == set()


def _settings(fence: str) -> list[str]:
    """Return the names in a fence that is nothing but settings."""
    lines = [line for line in fence.splitlines() if line and not line.startswith("#")]
    found = [re.match(r"([A-Z][A-Z0-9_]+)=\S*$", line) for line in lines]
    return [match[1] for match in found if match] if all(found) else []
