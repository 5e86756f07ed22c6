import ast

import pytest
from flask import Flask

from murph.app.openapi import API_PREFIX
from tests.architecture.sources import name_of, python_files, tree

GUARDS = {"public", "signed_in", "student", "teacher"}
# Not part of the documented API. The socket authenticates before it upgrades.
OUTSIDE_THE_API = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/openapi.json",
    "/api/docs",
    "/ws/session/",
    "/media/",
    "/sandbox/",
)


def test_every_route_of_the_api_has_a_guard(app: Flask) -> None:
    unguarded = [
        str(rule)
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "guard_name")
    ]
    assert [path for path in unguarded if not path.startswith(OUTSIDE_THE_API)] == []
    assert len(list(app.url_map.iter_rules())) > len(unguarded)


def test_no_route_has_two_guards() -> None:
    for path in python_files("murph"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and (guards := _guards(node)):
                assert len(guards) == 1, f"{name_of(path)}:{node.lineno} {node.name}: {guards}"


def _guards(view: ast.FunctionDef) -> list[str]:
    return [
        decorator.attr
        for decorator in view.decorator_list
        if isinstance(decorator, ast.Attribute) and decorator.attr in GUARDS
    ]


def test_every_operation_is_documented_with_its_refusals(app: Flask) -> None:
    document = app.test_client().get("/api/openapi.json").get_json()
    for path, operations in document["paths"].items():
        assert path.startswith(API_PREFIX)
        for method in operations.keys() & {"get", "post", "put", "patch", "delete"}:
            operation = operations[method]
            assert operation.get("summary"), f"{method} {path} has no docstring"
            assert any(status.startswith("2") for status in operation["responses"]), f"{method} {path}"
            assert "503" in operation["responses"], f"{method} {path}"


def test_every_error_answer_of_the_document_is_a_problem(app: Flask) -> None:
    document = app.test_client().get("/api/openapi.json").get_json()
    answers = [
        (path, status, answer)
        for path, operations in document["paths"].items()
        for method in operations.keys() & {"get", "post", "put", "patch", "delete"}
        for status, answer in operations[method]["responses"].items()
        if status >= "400"
    ]
    assert answers
    for path, status, answer in answers:
        assert "application/problem+json" in answer.get("content", {}), (path, status)


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/docs/", "/healthz", "/readyz", "/metrics"])
def test_the_pages_beside_the_api_answer(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 200
