"""Input that the document says is wrong, worked out from the document alone."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from tests.contract.operations import Operation

UNKNOWN = "surprise"
ODD_VALUES: list[Any] = [
    None,
    True,
    -1,
    0.5,
    10**30,
    "",
    " ",
    "text",
    "\x00",
    "a\x1bb",
    "\ud800",
    "2024",
    "1e3",
    "NaN",
    "٣",
    [],
    [None],
    {},
]
WRONG_FORMS = {
    "uuid": "0190a6de",
    "date-time": "2026-01-31 noon",
    "date": "2026-02-30",
    "uri": "ftp://example.org/x",
    "email": "ada",
}
ODD_TEXTS = ["", "text", "-1", "1.5", "1e3", "NaN", "inf", "1_0", "+1", " 1", "٣", "9" * 400, "\x00", "é"]


def bodies(operation: Operation) -> Iterator[tuple[str, str, Any]]:
    """Yield what is wrong, in which field, and a body that is wrong in nothing else."""
    assert operation.body
    schema, good = operation.resolved(operation.body["schema"]), operation.body["example"]
    for name in schema.get("required", []):
        yield "missing", name, {field: value for field, value in good.items() if field != name}
    yield "unknown", UNKNOWN, good | {UNKNOWN: 1}
    for field, described in schema["properties"].items():
        for what, value in _wrong_values(operation, described, good[field]):
            yield what, field, good | {field: value}


def _wrong_values(operation: Operation, schema: dict[str, Any], good: Any) -> Iterator[tuple[str, Any]]:
    """Yield values that `schema` refuses; inside lists and objects, `good` with one thing wrong."""
    for value in [*ODD_VALUES, *_beyond_limits(schema)]:
        if operation.faults(schema, value):
            yield f"{value!r:.40}", value
    inner = operation.resolved(schema)
    if isinstance(good, list):
        for what, value in _wrong_values(operation, inner["items"], good[0]):
            yield f"item {what}", [value]
    if isinstance(good, dict):
        yield "unknown inside", good | {UNKNOWN: 1}
        for field, described in inner["properties"].items():
            for what, value in _wrong_values(operation, described, good[field]):
                yield f"{field} {what}", good | {field: value}


def _beyond_limits(schema: dict[str, Any]) -> Iterator[Any]:
    if "maxLength" in schema:
        yield "a" * (schema["maxLength"] + 1)
    if "maxItems" in schema:
        yield [copy.copy(schema.get("example", ["x"])[0])] * (schema["maxItems"] + 1)
    if "maximum" in schema:
        yield schema["maximum"] + 1
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if schema.get("format") in WRONG_FORMS:
        yield WRONG_FORMS[schema["format"]]


def queries(operation: Operation) -> Iterator[tuple[str, str]]:
    """Yield a query parameter and a text that it refuses."""
    for parameter in operation.parameters:
        schema = parameter["schema"]
        if parameter["in"] == "query":
            longest = ["a" * (schema["maxLength"] + 1)] if "maxLength" in schema else []
            for text in [*ODD_TEXTS, *longest]:
                if _is_refused(operation, schema, text):
                    yield parameter["name"], text


def _is_refused(operation: Operation, schema: dict[str, Any], text: str) -> bool:
    kind = schema["type"]
    if kind == "boolean":
        return text not in ("true", "false")
    if kind == "string":
        return schema.get("format") in WRONG_FORMS or bool(operation.faults(schema, text))
    if not re.fullmatch(r"-?[0-9]+" + (r"(\.[0-9]+)?" if kind == "number" else ""), text, re.ASCII):
        return True
    return bool(operation.faults(schema, int(text) if kind == "integer" else float(text)))
