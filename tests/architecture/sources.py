"""The repository's own files, for the tests about the code."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.processes import ROOT

_CODE = ("murph", "migrations", "tests", "benchmarks")
_NOT_OURS = {".git", "instance", "__pycache__", "node_modules", "vendor"}
_TEXT = {"", ".py", ".md", ".toml", ".txt", ".cfg", ".ini", ".mako", ".yaml", ".yml", ".json", ".example"} | {
    ".js",
    ".css",
    ".html",
}


@cache
def python_files(*folders: str) -> list[Path]:
    """Return our Python files below these folders (all of them without), and beside them at the top."""
    found = [path for folder in folders or _CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    return found if folders else [*found, *sorted(ROOT.glob("*.py"))]


def text_files() -> Iterator[Path]:
    """Yield every text file of the repository that people or programs read."""
    for entry in sorted(ROOT.iterdir()):
        hidden_folder = entry.name.startswith(".") and entry.is_dir() and entry.name not in (".ci", ".github")
        if entry.name not in _NOT_OURS and not hidden_folder and entry.name not in (".env", ".coverage"):
            yield from (path for path in _below(entry) if path.suffix in _TEXT)


def _below(entry: Path) -> Iterator[Path]:
    if entry.is_file():
        yield entry
        return
    for path in sorted(entry.rglob("*")):
        if path.is_file() and not _NOT_OURS & set(path.parts):
            yield path


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(), filename=str(path))


def name_of(path: Path) -> str:
    """Return the path as seen from the repository's root."""
    return path.relative_to(ROOT).as_posix()


def called_name(call: ast.Call) -> str:
    """Return ``f`` for a call of ``f()`` or ``module.f()``."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
