"""The application with views of the tests' own: one that takes a file, others with large answers.

`gunicorn "tests.support.uploading:serve()"` serves it.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask, current_app, send_file
from marshmallow import fields, validate

from config import load
from murph.app import create_app, features
from murph.auth import guards
from murph.core import web_socket, web_worker
from murph.core.errors import NotFound
from murph.core.http import Blueprint, UploadedFile
from murph.core.http.fields import QueryInteger, Schema, Text

SECRET_COURSE = UUID(int=1)
LARGE_BYTES = 8 * 2**20

blp = Blueprint("uploading", __name__, url_prefix="/test", description="How bodies come in")


class FileIn(Schema):
    """A file and what it is called."""

    title = Text(min_length=1, max_length=20, required=True, metadata={"example": "Interest"})
    position = QueryInteger(validate=validate.Range(1, 100), load_default=None, metadata={"example": 3})
    file = UploadedFile()


class LinkIn(Schema):
    """What is somewhere else."""

    title = Text(min_length=1, max_length=20, required=True, metadata={"example": "Interest"})


class ReceivedOut(Schema):
    """What came."""

    title = fields.String(metadata={"example": "Interest"})
    position = fields.Integer(allow_none=True, metadata={"example": 3})
    filename = fields.String(allow_none=True, metadata={"example": "a.mp4"})
    sha256 = fields.String(metadata={"example": "0" * 64})
    size_bytes = fields.Integer(metadata={"example": 3})
    mode = fields.String(metadata={"example": "600"})


def _refuse_strangers(course_id: UUID) -> None:
    if course_id == SECRET_COURSE:
        raise NotFound


def _received(body: dict[str, Any]) -> dict[str, Any]:
    upload = body["file"]
    mode = f"{upload.path.stat().st_mode & 0o777:o}"
    assert upload.path.stat().st_size == upload.size_bytes
    if body["title"] == "move":
        upload.path.rename(Path(current_app.instance_path) / "moved")
    if body["title"] == "fail":
        raise NotFound
    names = ("filename", "sha256", "size_bytes")
    return body | {"mode": mode} | {name: getattr(upload, name) for name in names}


@blp.route("/uploads/<uuid:course_id>", methods=["POST"])
@guards.teacher
@blp.takes_upload(FileIn, before=_refuse_strangers)
@blp.response(201, ReceivedOut)
def receive(body: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """Take a file."""
    return _received(body)


@blp.route("/either/<uuid:course_id>", methods=["POST"])
@guards.teacher
@blp.takes_upload(FileIn, before=_refuse_strangers, or_json=LinkIn)
@blp.response(201, ReceivedOut)
def receive_either(body: dict[str, Any], course_id: UUID) -> dict[str, Any]:
    """Take a file, or its address."""
    return _received(body) if "file" in body else body


@blp.route("/large", methods=["GET"])
@guards.public
def large() -> bytes:
    """Answer at length."""
    return b"x" * LARGE_BYTES


@blp.route("/large_file", methods=["GET"])
@guards.public
def large_file() -> Any:
    """Answer with a file."""
    path = Path(current_app.instance_path) / "large"
    path.write_bytes(b"x" * LARGE_BYTES)
    return send_file(path, mimetype="text/plain")


def make_uploading_app(config: Mapping[str, Any]) -> Flask:
    """Return the application with these views, which its document describes as well."""
    plain: Callable[[], list[Blueprint]] = features.blueprints
    features.blueprints = lambda: [*plain(), blp]
    try:
        return create_app(config)
    finally:
        features.blueprints = plain


def serve() -> Flask:
    """Return what gunicorn serves; with MURPH_TEST_PAUSE_S set it has little patience and few places."""
    if pause_s := os.environ.get("MURPH_TEST_PAUSE_S"):
        web_socket.PAUSE_S = float(pause_s)
        web_worker.READ_S, web_worker.MAX_READERS = 2 * web_socket.PAUSE_S, 4
    return make_uploading_app(load().flask_config())
