"""House rules that a linter does not know."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from murph.core.errors import MurphError
from tests.architecture.sources import called_name, name_of, python_files, text_files, tree
from tests.support.processes import ROOT

MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 400
# Each of them stands between many independent pieces of work, logs the failure and goes on.
BROAD_EXCEPTS = {"murph/core/queue/ringing.py", "murph/session/going_on.py", "murph/session/sockets.py"}
COMMITTERS = {"murph/core/db/transactions.py", "murph/session/flusher.py"}
DUMPING_GROUNDS = {"utils", "util", "helpers", "helper", "common", "misc"}
# Put together here so that this file is not its own first finding.
REGISTRIES = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name} has {lines} lines"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]
    assert not long


def test_no_file_is_longer_than_can_be_kept_in_mind() -> None:
    long = [
        f"{name_of(path)} has {lines} lines"
        for path in python_files()
        if (lines := len(path.read_text().splitlines())) > MAX_FILE_LINES
    ]
    assert not long


def test_failures_are_only_swallowed_in_the_named_places() -> None:
    found = {
        f"{name_of(path)}:{line}"
        for path in python_files("murph")
        if name_of(path) not in BROAD_EXCEPTS
        for line in _broad_excepts(path)
    }
    assert not found


def _broad_excepts(path: Path) -> Iterator[int]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _names_everything(node.type)):
            yield node.lineno
        if isinstance(node, ast.Call) and called_name(node) == "suppress":
            yield from (node.lineno for argument in node.args if _names_everything(argument))


def _names_everything(caught: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Name) and part.id in ("Exception", "BaseException") for part in ast.walk(caught)
    )


def test_no_test_asserts_one_of_two_things_that_is_always_true() -> None:
    # `assert x == 1 if c else 2` asserts 2: what is compared with has to stand in parentheses.
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.IfExp)
    ]
    assert not found


def test_only_one_place_commits() -> None:
    committing = {
        name_of(path)
        for path in python_files("murph", "migrations")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and called_name(node) == "commit"
    }
    assert committing <= COMMITTERS


def test_no_file_is_a_dumping_ground() -> None:
    assert not [name_of(path) for path in python_files() if path.stem in DUMPING_GROUNDS]


def test_no_text_names_a_registry_or_the_machine_it_was_written_on() -> None:
    forbidden = re.compile("|".join([*map(re.escape, REGISTRIES), r"(?<![\w.-])/work[/]"]))
    found = [
        f"{name_of(path)}: {match[0]}"
        for path in text_files()
        if (match := forbidden.search(path.read_text(errors="replace")))
    ]
    assert not found


def test_every_error_has_a_stable_code_and_says_what_to_do() -> None:
    for error in _every_error(MurphError):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code), error
        assert 400 <= error.status < 600, error
        assert error.detail.endswith("."), error


def _every_error(family: type[MurphError]) -> Iterator[type[MurphError]]:
    yield family
    for child in family.__subclasses__():
        yield from _every_error(child)


def test_importing_the_ledger_does_not_start_the_application() -> None:
    program = "import sys, murph.ledger.service; sys.exit('murph.app' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
