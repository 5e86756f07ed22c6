"""Documents name only what there is: files, headings, commands, targets of make."""

import re
from collections.abc import Iterator

import click
import pytest
from flask import Flask

from murph.core.db.schema import METADATA
from tests.docs.documents import ALL, GUIDES, README, Document
from tests.support.processes import ROOT

FROM_LIBRARIES = {"db", "limiter", "openapi"}
_WORDS = re.compile(r"(?:^|[\s/(])flask ((?:[a-z][a-z-]*(?: |$|(?=\n)))+)", re.MULTILINE)


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.name)
def test_every_link_leads_somewhere(document: Document) -> None:
    lost = [target for target in document.links if not _leads_somewhere(document, target)]
    assert not lost


def _leads_somewhere(document: Document, target: str) -> bool:
    path, _, anchor = target.partition("#")
    there = (document.path.parent / path).resolve() if path else document.path
    return there.exists() and (not anchor or anchor in Document(there).anchors)


def test_every_guide_and_every_decision_stands_in_an_index() -> None:
    for index, folders in (("docs", ("docs", "docs/guides")), ("docs/adr", ("docs/adr",))):
        listed = Document(ROOT / index / "README.md").links
        there = {path for folder in folders for path in (ROOT / folder).glob("*.md")}
        named = {(ROOT / index / link.partition("#")[0]).resolve() for link in listed}
        assert there - named == {ROOT / index / "README.md"}


def test_every_flask_command_that_is_named_exists(app: Flask) -> None:
    named = [words for document in ALL for code in document.code for words in _named(code)]
    assert named
    assert [" ".join(words) for words in named if not _exists(app.cli, words)] == []


def _named(code: str) -> Iterator[list[str]]:
    for words in _WORDS.findall(code):
        yield words.split()


def _exists(flask: click.Group, words: list[str]) -> bool:
    command: click.Command | None = flask
    for word in words:
        if not isinstance(command, click.Group):
            return command is not None  # what follows are its arguments
        command = command.get_command(click.Context(command), word)
    return command is not None


def test_every_command_of_ours_is_in_the_readme_and_in_the_guide_for_admins(app: Flask) -> None:
    ours = {name: command for name, command in app.cli.commands.items() if name not in FROM_LIBRARIES}
    assert [name for name in ours if f"`flask {name}`" not in README.text] == []
    (guide,) = (document for document in GUIDES if document.path.stem == "admins")
    verbs = [f"{name} {verb}" for name, group in ours.items() for verb in getattr(group, "commands", ())]
    assert [verb for verb in verbs if f"flask {verb}" not in guide.text] == []


def test_how_long_every_table_is_kept_is_told(app: Flask) -> None:
    (guide,) = (document for document in GUIDES if document.path.stem == "operators")
    told = guide.text.partition("## Personal data")[2].partition("## Metrics")[0]
    named = re.findall(r"`([a-z_]+)`", "\n".join(line for line in told.splitlines() if line.startswith("|")))
    assert sorted(named) == sorted(METADATA.tables)


def test_every_test_that_is_named_exists() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    known = set(re.findall(r"^def (test_\w+)", code, re.MULTILINE))
    named = {words for document in ALL for words in document.code if re.fullmatch(r"test(_\w+){3,}", words)}
    assert named
    assert named - known == set()


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = "\n".join(code for document in ALL for code in document.code)
    named = set(re.findall(r"(?:^|\s)make ([a-z-]+)", code, re.MULTILINE))
    assert named
    assert named <= targets


def test_every_target_of_make_with_a_description_is_run_whatever_files_there_are() -> None:
    makefile = (ROOT / "Makefile").read_text()
    described = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    (phony,) = re.findall(r"^\.PHONY: (help .*)$", makefile, re.MULTILINE)
    assert described
    assert described == set(phony.split())
