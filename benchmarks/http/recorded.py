"""What a request of ours asks of the database, written down so that a bare view can ask the same."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from sqlalchemy import Engine, event

from murph.core.ids import new_id

ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COMMIT = "COMMIT"


@dataclass(frozen=True)
class Parameters:
    """What one statement takes, or one of the rows of an `executemany`; those with ids in them are marked."""

    values: Mapping[str, Any]
    marked: Sequence[str]

    @classmethod
    def of(cls, values: Mapping[str, Any] | None) -> Self:
        """Return them as they were given to the driver."""
        given = dict(values or {})
        marked = [name for name, value in given.items() if isinstance(value, str) and ID.search(value)]
        return cls(given, marked)


@dataclass(frozen=True)
class Step:
    """One statement with the parameters of each row that it was sent for; or a commit."""

    sql: str
    rows: Sequence[Parameters] = ()


@dataclass
class Script:
    """The statements of one request, what it answered, and whose ids stand in it."""

    ids: Mapping[str, str]
    """What is somebody's own, as 32 hexadecimal characters, by its role."""
    began_with: str = field(default_factory=lambda: new_id().hex)
    """Ids after this one were made by the request."""
    steps: list[Step] = field(default_factory=list)
    answer: object = None
    status: int = 200

    def parameters_for(
        self, step: Step, theirs: Mapping[str, str], fresh: dict[str, str]
    ) -> list[dict[str, Any]]:
        """Return what a statement takes for somebody else, row by row, with `fresh` ids for what is new."""
        roles = {own: theirs[role] for role, own in self.ids.items() if role in theirs}

        def replaced(match: re.Match[str]) -> str:
            own = match[0].replace("-", "")
            if own not in roles and own < self.began_with:
                return match[0]
            found = roles.get(own) or fresh.setdefault(own, new_id().hex)
            return found if "-" not in match[0] else _dashed(found)

        changed = [dict(row.values) for row in step.rows]
        for row, values in zip(step.rows, changed, strict=True):
            for name in row.marked:
                values[name] = ID.sub(replaced, values[name])
        return changed


@contextmanager
def recording(engine: Engine, ids: Mapping[str, str]) -> Iterator[Script]:
    """Write down what is asked of a database meanwhile."""
    script = Script(ids)

    def note(_c: object, _cursor: object, sql: str, parameters: Any, _context: object, many: bool) -> None:
        rows = parameters if many else [parameters]
        script.steps.append(Step(sql, [Parameters.of(each) for each in rows]))

    def note_commit(_connection: object) -> None:
        script.steps.append(Step(COMMIT))

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", note_commit)
    try:
        yield script
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", note_commit)


def _dashed(text: str) -> str:
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
