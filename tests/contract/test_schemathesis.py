from typing import Any
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from flask.testing import FlaskClient
from pathlib import Path
import os
from tests.support.databases import SqliteFactory, make_app
from tests.contract.conftest import build
from tests.conftest import Client
from tests.auth.people import sign_in


@pytest.fixture
def target(sqlite_factory: SqliteFactory, tmp_path: Path) -> Any:
    application = make_app(sqlite_factory.fresh(tmp_path), tmp_path)
    application.test_client_class = Client
    with application.app_context():
        w = build(application.test_client())
    application.testing = False
    return application, w


def load(app, world, role):
    ids = {n: {"values": v} for n, v in world.ids.items()}
    config = {
        "seed": 1,
        "dictionaries": ids,
        "parameters": {f"path.{n}": {"dictionary": n, "probability": 0.8} for n in ids},
        "generation": {"deterministic": True, "max-examples": int(os.environ.get("EX", 5)), "database": "none"},
    }
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app, config=SchemathesisConfig.from_dict(config))
    if role:
        @schema.auth()
        class Auth:
            def get(self, case, ctx):
                with app.app_context():
                    email = world.people[role].email
                    c = app.test_client()
                    try:
                        return sign_in(c, email).access_token
                    except AssertionError: return world.people[role].access_token

            def set(self, case, data, ctx):
                case.headers = case.headers or {}
                case.headers["Authorization"] = f"Bearer {data}"
    return schema


@pytest.fixture
def student_api(target):
    return load(*target, "student")

@pytest.fixture
def teacher_api(target):
    return load(*target, "teacher")

@pytest.fixture
def anonymous_api(target):
    return load(*target, None)


@schemathesis.pytest.from_fixture("student_api").parametrize()
def test_student(case):
    case.call_and_validate()

@schemathesis.pytest.from_fixture("teacher_api").parametrize()
def test_teacher(case):
    case.call_and_validate()

@schemathesis.pytest.from_fixture("anonymous_api").parametrize()
def test_anonymous(case):
    case.call_and_validate()
