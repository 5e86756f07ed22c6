"""What a process that serves for long works out once, kept for the next application of a test too.

Each test has an application and an engine of its own, so that nothing one test did is in the way of
the next. Without this each would compile every URL rule and every SQL statement anew, which takes
longer than what most tests ask.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

_STATEMENTS: LRUCache[Any, Any] = LRUCache(2000)
_DIALECTS: dict[str, Dialect] = {}
_BUILDERS: dict[object, Callable[..., tuple[str, str]]] = {}
_compile_builder = Rule._compile_builder


@contextmanager
def rules() -> Iterator[None]:
    """Compile each URL rule once: what builds its addresses depends on its text alone."""
    with patch.object(Rule, "_compile_builder", _builder):
        yield


def _builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    if rule.defaults:
        return _compile_builder(rule, append_unknown)
    text = (rule.rule, rule.subdomain, rule.host, append_unknown)
    if text not in _BUILDERS:
        _BUILDERS[text] = _compile_builder(rule, append_unknown)
    return _BUILDERS[text]


def share_statements(engine: Engine) -> None:
    """Let an engine use the statements that others of its kind compiled.

    They are known by their dialect, which therefore has to be the same one.
    """
    if dialect := _DIALECTS.get(engine.name):
        engine.dialect = dialect
        engine.update_execution_options(compiled_cache=_STATEMENTS)


def keep_dialect(engine: Engine) -> None:
    """Keep the dialect of an engine that has met its server, whose version it then knows."""
    if hasattr(engine.dialect, "server_version_info") and engine.dialect.server_version_info:
        _DIALECTS.setdefault(engine.name, engine.dialect)
