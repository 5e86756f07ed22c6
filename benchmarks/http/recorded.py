"""What a request of ours asks of the database, written down so that a bare view can ask the same."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

from murph.core.ids import new_id

ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COMMIT = "COMMIT"


@dataclass(frozen=True)
class Step:
    """One statement with its parameters, of which those with ids in them are marked; or a commit."""

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    marked: Sequence[str] = ()


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

    def parameters_for(self, step: Step, theirs: Mapping[str, str], fresh: dict[str, str]) -> dict[str, Any]:
        """Return what a statement takes for somebody else, with `fresh` ids for what is new."""
        changed = dict(step.parameters)
        roles = {own: theirs[role] for role, own in self.ids.items() if role in theirs}

        def replaced(match: re.Match[str]) -> str:
            own = match[0].replace("-", "")
            if own not in roles and own < self.began_with:
                return match[0]
            found = roles.get(own) or fresh.setdefault(own, new_id().hex)
            return found if "-" not in match[0] else _dashed(found)

        for name in step.marked:
            changed[name] = ID.sub(replaced, changed[name])
        return changed


@contextmanager
def recording(engine: Engine, ids: Mapping[str, str]) -> Iterator[Script]:
    """Write down what is asked of a database meanwhile."""
    script = Script(ids)

    def note(_c: object, _cursor: object, sql: str, parameters: Any, _context: object, many: bool) -> None:
        for each in parameters if many else [parameters]:
            values = dict(each or {})
            marked = [name for name, value in values.items() if isinstance(value, str) and ID.search(value)]
            script.steps.append(Step(sql, values, marked))

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
