"""The least that answers the same: a Flask view that checks the token, sends the same statements and answers.

No schemas, no objects, no rules: it is served by the same gunicorn, with the same worker, beside ours, and
connects to the database as we do.
"""

import json
import os
import pickle
from pathlib import Path
from typing import Any

import jwt
from argon2 import PasswordHasher
from flask import Flask, Response, request
from sqlalchemy import Connection, create_engine

from benchmarks.http.recorded import COMMIT, Script
from murph.core.db import engine_options

app = Flask(__name__)
_engine = create_engine(os.environ["DATABASE_URL"], **engine_options(os.environ["DATABASE_URL"]))
_scripts: dict[str, Script] = pickle.loads(Path(os.environ["BENCH_SCRIPTS"]).read_bytes())
_hasher = PasswordHasher()
_SECRET = os.environ["JWT_SECRET_KEY"]


@app.route("/healthz")
def healthz() -> dict[str, Any]:
    """Say that it runs."""
    return {}


@app.route("/bare/<name>", methods=["GET", "POST"])
def bare(name: str) -> Response:
    """Do what a route of ours does to the database."""
    script = _scripts[name]
    if "Authorization" in request.headers:
        token = request.headers["Authorization"].partition(" ")[2]
        jwt.decode(token, _SECRET, ["HS256"], audience="murph-api", issuer="murph")
    ids = json.loads(request.headers.get("X-Ids", "{}"))
    sent = request.get_json() if request.is_json else {}
    with _engine.connect() as connection:
        rows = _ask(connection, script, ids)
    if "password" in sent:
        found = next(value for row in rows for value in row if str(value).startswith("$argon2id$"))
        _hasher.verify(found, sent["password"])
        for _ in range(2):
            jwt.encode(ids, _SECRET, "HS256")
    return Response(json.dumps(script.answer), script.status, mimetype="application/json")


def _ask(connection: Connection, script: Script, ids: dict[str, str]) -> list[Any]:
    rows: list[Any] = []
    fresh: dict[str, str] = {}
    for step in script.steps:
        if step.sql == COMMIT:
            connection.commit()
            continue
        found = connection.exec_driver_sql(step.sql, script.parameters_for(step, ids, fresh))
        if found.returns_rows:
            rows += found.fetchall()
    return rows
