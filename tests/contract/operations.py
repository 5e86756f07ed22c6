"""The operations of the document, each with the guard that its code has."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask
from openapi_schema_validator import OAS31Validator

METHODS = ("get", "post", "put", "patch", "delete")
ROLES = {"signed_in": "student", "refreshing": "student", "public": "anonymous"}
"""Who uses an operation whose guard does not name a role."""


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    described: dict[str, Any]
    guard: str
    document: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def id(self) -> str:
        """Its name."""
        found: str = self.described["operationId"]
        return found

    @property
    def role(self) -> str:
        """Who can use it."""
        return ROLES.get(self.guard, self.guard)

    @property
    def statuses(self) -> set[int]:
        """What it says it answers with."""
        return {int(status) for status in self.described["responses"]}

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """What it takes in its path, query and headers."""
        shared: list[dict[str, Any]] = self.document["paths"][self.path].get("parameters", [])
        return [*shared, *self.described.get("parameters", [])]

    @property
    def path_ids(self) -> list[str]:
        """The names of the ids in its path."""
        return re.findall(r"{(\w+_id)}", self.path)

    @cached_property
    def body(self) -> dict[str, Any] | None:
        """What it says about the body it takes: schema and example."""
        return self.bodies.get("application/json")

    @property
    def bodies(self) -> dict[str, dict[str, Any]]:
        """What it says about every kind of body that it takes."""
        found: dict[str, dict[str, Any]] = self.described.get("requestBody", {}).get("content", {})
        return found

    @property
    def takes_forms_only(self) -> bool:
        """Whether a form with a file is all that it takes."""
        return list(self.bodies) == ["multipart/form-data"]

    @cached_property
    def answers(self) -> dict[str, dict[str, Any]]:
        """What it says about the bodies of its successes, by status."""
        return {
            status: next(iter(answer["content"].values()))
            for status, answer in self.described["responses"].items()
            if status.startswith("2") and "content" in answer
        }

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return a schema in full, without the null that its field may also be."""
        if "anyOf" in schema:
            return self.resolved(schema["anyOf"][0])
        if "$ref" in schema:
            named: dict[str, Any] = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            return named
        return schema

    def faults(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Return why a value is not what a schema of the document describes."""
        whole = {**schema, "components": self.document["components"]}
        return [f"{list(e.absolute_path)}: {e.message}" for e in OAS31Validator(whole).iter_errors(value)]


def operations(app: Flask, document: dict[str, Any]) -> Iterator[Operation]:
    """Yield every operation of the document."""
    guards = dict(_guards(app))
    for path, described in document["paths"].items():
        for method in described.keys() & set(METHODS):
            yield Operation(method, path, described[method], guards[method, path], document)


def routes(app: Flask) -> set[tuple[str, str]]:
    """Return method and path of every route of the API, as the document writes them."""
    return {route for route, _ in _guards(app)}


def _guards(app: Flask) -> Iterator[tuple[tuple[str, str], str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1"):
            view = app.view_functions[rule.endpoint]
            path = re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield (method.lower(), path), getattr(view, "guard_name", "")
