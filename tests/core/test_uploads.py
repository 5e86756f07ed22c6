"""A form with a file comes into a spool file, or is refused and leaves nothing."""

import os
import shutil
import time
from collections import namedtuple
from contextlib import ExitStack
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from murph.core.http import spool, uploads
from tests.auth.people import sign_up
from tests.support.databases import settings_for
from tests.support.forms import BOUNDARY, CONTENT_TYPE, END, TITLE, form, head, part
from tests.support.uploading import SECRET_COURSE, blp, make_uploading_app

HERE = f"/api/v1/test/uploads/{uuid4()}"
EITHER = f"/api/v1/test/either/{uuid4()}"
CONTENT = os.urandom(300_000) + b"\r\n--" + BOUNDARY.encode()[:-1] + b"\r\n"
FILE = part("file", CONTENT, "a.mp4")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.register_blueprint(blp, url_prefix="/api/v1/test")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {sign_up(client, user_type='teacher').access_token}"
    return client


@pytest.fixture
def spooled(app: Flask) -> Path:
    return Path(app.instance_path) / "spool"


def send(client: FlaskClient, body: bytes, *, path: str = HERE, content_type: str = CONTENT_TYPE) -> Any:
    return client.post(path, input_stream=BytesIO(body), content_type=content_type)


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.get_json()["code"]) == (status, code), answer.text
    return answer.get_json()


def test_a_file_arrives_whole_with_its_digest_and_is_gone_afterwards(
    client: FlaskClient, spooled: Path
) -> None:
    answer = send(client, form(TITLE, part("position", b"7"), FILE))
    assert answer.status_code == 201, answer.text
    assert answer.get_json() == {
        "title": "Interest",
        "position": 7,
        "filename": "a.mp4",
        "sha256": sha256(CONTENT).hexdigest(),
        "size_bytes": len(CONTENT),
        "mode": "600",
    }
    assert list(spooled.iterdir()) == []
    assert spooled.stat().st_mode & 0o777 == 0o700


def test_a_file_may_stand_before_its_fields(client: FlaskClient) -> None:
    assert send(client, form(FILE, TITLE)).get_json()["size_bytes"] == len(CONTENT)


def test_what_the_view_moves_stays(client: FlaskClient, app: Flask, spooled: Path) -> None:
    assert send(client, form(part("title", b"move"), FILE)).status_code == 201
    assert (Path(app.instance_path) / "moved").read_bytes() == CONTENT
    assert list(spooled.iterdir()) == []


def test_nothing_stays_when_the_view_refuses(client: FlaskClient, spooled: Path) -> None:
    refused(send(client, form(part("title", b"fail"), FILE)), 404, "not_found")
    assert list(spooled.iterdir()) == []


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("somebody read it")


@pytest.mark.parametrize(
    ("status", "change"),
    [
        (401, {"headers": {"Authorization": "Bearer no"}}),
        (404, {"path": f"/api/v1/test/uploads/{SECRET_COURSE}"}),
        (413, {"environ_overrides": {"CONTENT_LENGTH": str(2**32)}}),
        (415, {"content_type": "video/mp4"}),
        (415, {"content_type": "application/json"}),
        (415, {"content_type": ""}),
        (400, {"content_type": "multipart/form-data"}),
        (400, {"content_type": "multipart/form-data; boundary="}),
        (400, {"content_type": f"multipart/form-data; boundary={'b' * 71}"}),
        (400, {"content_type": "multipart/form-data; boundary=\xe9"}),
    ],
)
def test_what_is_refused_by_its_head_is_not_read(
    client: FlaskClient, status: int, change: dict[str, Any]
) -> None:
    stream = Unread(b"x" * 1_000_000)
    asked: dict[str, Any] = {"path": HERE, "content_type": CONTENT_TYPE, "input_stream": stream} | change
    assert client.post(**asked).status_code == status


def test_a_length_at_the_limit_is_taken_and_one_beyond_it_is_not(client: FlaskClient, app: Flask) -> None:
    body = form(TITLE, FILE)
    app.config["MAX_UPLOAD_BYTES"] = len(body)
    assert send(client, body).status_code == 201
    app.config["MAX_UPLOAD_BYTES"] = len(body) - 1
    refused(send(client, body), 413, "body_too_large")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (form(TITLE), {"file": ["Missing data for required field."]}),
        (
            form(),
            {"file": ["Missing data for required field."], "title": ["Missing data for required field."]},
        ),
        (form(FILE), {"title": ["Missing data for required field."]}),
        (form(TITLE, part("file", b"", "a.mp4")), {"file": ["The file is empty."]}),
        (form(TITLE, part("file", b"", "")), {"file": ["The file is empty."]}),
        (form(TITLE, FILE, FILE), {"file": ["Send it once."]}),
        (form(TITLE, TITLE, FILE), {"title": ["Send it once."]}),
        (form(TITLE, FILE, part("other", b"x", "b.mp4")), {"other": ["Unknown field."]}),
        (form(TITLE, FILE, part(None, b"x")), {"": ["Unknown field."]}),
        (form(*(part(f"field{n}", b"x") for n in range(10_000))), {"field0": ["Unknown field."]}),
        (form(*[TITLE] * 10_000), {"title": ["Send it once."]}),
        (form(part("title", b"x" * 70_000), FILE), {"title": ["At most 65536 bytes."]}),
        (form(part("title", b"x" * 60_000), FILE), {"title": ["Length must be between 1 and 20."]}),
        (form(TITLE, part("position", b"1_0"), FILE), {"position": ["Expected an integer."]}),
        (
            form(FILE, TITLE, part("position", b"101")),
            {"position": ["Must be greater than or equal to 1 and less than or equal to 100."]},
        ),
    ],
)
def test_fields_are_refused_by_name(
    client: FlaskClient, spooled: Path, body: bytes, errors: dict[str, list[str]]
) -> None:
    assert refused(send(client, body), 422, "validation_failed")["errors"] == errors
    assert list(spooled.iterdir()) == []


def test_a_bad_field_before_the_file_is_refused_before_the_file_is_read(client: FlaskClient) -> None:
    broken_off = part("position", b"zero") + head("file", "a.mp4")
    refused(send(client, broken_off), 422, "validation_failed")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        TITLE,
        TITLE + head("file", "a.mp4"),
        TITLE + head("file", "a.mp4") + CONTENT,
        TITLE + FILE,
        TITLE + FILE + END[:-4],
    ],
)
def test_a_form_that_breaks_off_is_refused_and_leaves_nothing(
    client: FlaskClient, spooled: Path, body: bytes
) -> None:
    refused(send(client, body), 400, "upload_incomplete")
    assert list(spooled.iterdir()) == []


@pytest.mark.parametrize(
    "body",
    [
        b"x" * 1_000_000,
        f"--{BOUNDARY}\r\n".encode() + b"X-Long: " + b"x" * 1_000_000 + b"\r\n\r\n",
        f"--{BOUNDARY}\r\nContent-Type: video/mp4\r\n\r\nx\r\n".encode() + END,
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\xff\r\n\r\nx\r\n".encode("latin-1") + END,
        form(part("title", b"\xff\xfe"), FILE),
    ],
)
def test_what_is_no_form_is_refused(client: FlaskClient, spooled: Path, body: bytes) -> None:
    refused(send(client, body), 400, "malformed_request")
    assert list(spooled.iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\fakepath\\\\a b.mp4", "a b.mp4"),
        ("..", ""),
        ("", ""),
        ("a\tb\x7f\x01c.mp4", "a b c.mp4"),
        ("gpj.\u202e4pm.mp4", "gpj. 4pm.mp4"),
        ("x" * 10_000, "x" * 200),
        ("Zinseszins \u2013 \u00dcbung.mp4", "Zinseszins \u2013 \u00dcbung.mp4"),
        (None, ""),
    ],
)
def test_a_file_name_is_a_label(client: FlaskClient, sent: str | None, shown: str) -> None:
    assert send(client, form(TITLE, part("file", b"x", sent))).get_json()["filename"] == shown


@pytest.mark.parametrize("read_before", [0, 1])
def test_a_disk_without_room_is_507_and_leaves_nothing(
    client: FlaskClient, spooled: Path, monkeypatch: pytest.MonkeyPatch, read_before: int
) -> None:
    usage = namedtuple("usage", "free")
    left = [usage(2**40)] * read_before + [usage(spool.KEPT_FREE_BYTES + 1000)] * 9
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left.pop(0))
    refused(send(client, form(TITLE, FILE)), 507, "storage_full")
    assert list(spooled.iterdir()) == []


def test_more_uploads_than_a_process_can_take_are_told_to_come_back(client: FlaskClient, app: Flask) -> None:
    with ExitStack() as others:
        for _ in range(uploads.MAX_UPLOADS):
            others.enter_context(app.extensions["murph_uploads"].one_for(uuid4()))
        answer = send(client, form(TITLE, FILE))
        refused(answer, 503, "too_many_uploads")
        assert answer.headers["Retry-After"] == "30"
    for _ in range(9):  # the place is given back, also after a refusal
        assert send(client, form(TITLE, FILE)).status_code == 201
        refused(send(client, form(FILE)), 422, "validation_failed")


def test_one_user_has_a_few_of_the_places(client: FlaskClient, app: Flask) -> None:
    sender_id, places = UUID(client.get("/api/v1/auth/me").get_json()["id"]), app.extensions["murph_uploads"]
    with ExitStack() as own:
        for number in range(uploads.MAX_UPLOADS_EACH):
            assert send(client, form(TITLE, FILE)).status_code == 201, number
            own.enter_context(places.one_for(sender_id))
        answer = send(client, form(TITLE, FILE))
        said = refused(answer, 503, "too_many_uploads")
        assert said["detail"].startswith("You are sending 3 files")
        assert answer.headers["Retry-After"] == "30"
        other = sign_up(client, "otto@example.org", user_type="teacher")
        assert (
            client.post(
                HERE, data=form(TITLE, FILE), content_type=CONTENT_TYPE, headers=other.headers
            ).status_code
            == 201
        )
    assert send(client, form(TITLE, FILE)).status_code == 201


def test_what_a_killed_process_left_behind_is_removed_a_day_later(client: FlaskClient, spooled: Path) -> None:
    spooled.mkdir()
    old, young = spooled / "old", spooled / "young"
    for path, age_s in ((old, spool.LEFT_OVER_S + 60), (young, spool.LEFT_OVER_S - 60)):
        path.touch()
        os.utime(path, (time.time() - age_s,) * 2)
    assert send(client, form(TITLE, FILE)).status_code == 201
    assert list(spooled.iterdir()) == [young]


def test_a_view_may_take_json_as_well(client: FlaskClient) -> None:
    assert client.post(EITHER, json={"title": "Link"}).get_json()["title"] == "Link"
    assert send(client, form(TITLE, FILE), path=EITHER).get_json()["size_bytes"] == len(CONTENT)
    refused(client.post(EITHER, json={"title": ""}), 422, "validation_failed")
    refused(client.post(EITHER), 422, "validation_failed")
    refused(client.post(EITHER, json={"title": "x" * 70_000}), 413, "body_too_large")
    refused(client.post(EITHER, data="{", content_type="application/json"), 400, "malformed_request")
    refused(send(client, b"x", path=EITHER, content_type="video/mp4"), 415, "unsupported_media_type")
    refused(send(client, FILE, path=EITHER, content_type="video/mp4"), 415, "unsupported_media_type")


def test_all_other_views_keep_their_limit(client: FlaskClient) -> None:
    refused(client.post("/api/v1/courses", json={"title": "x" * 70_000}), 413, "body_too_large")


def test_a_large_body_of_another_kind_is_told_its_kind_and_not_its_length(client: FlaskClient) -> None:
    for method, path in (
        ("POST", "/api/v1/courses"),
        ("PUT", f"/api/v1/courses/{uuid4()}/videos/{uuid4()}"),
        ("POST", f"/api/v1/courses/{uuid4()}/videos"),
        ("POST", f"/api/v1/courses/{uuid4()}/videos/{uuid4()}/captions"),
    ):
        told: dict[str, Any] = {}
        chunked = {
            "headers": {"Transfer-Encoding": "chunked"},
            "environ_overrides": {"wsgi.input_terminated": True},
        }
        for more in (told, chunked):
            answer = client.open(
                path, method=method, input_stream=BytesIO(FILE), content_type="video/mp4", **more
            )
            refused(answer, 415, "unsupported_media_type")
    refused(send(client, form(TITLE, FILE), path="/api/v1/courses"), 415, "unsupported_media_type")
    refused(send(client, FILE, path="/api/v1/auth/logout", content_type="video/mp4"), 413, "body_too_large")


def test_the_document_says_what_is_taken(database: str, tmp_path: Path) -> None:
    app = make_uploading_app(settings_for(database, tmp_path).flask_config())
    document = app.test_client().get("/api/openapi.json").get_json()
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    operation = document["paths"]["/api/v1/test/either/{course_id}"]["post"]
    content = operation["requestBody"]["content"]
    assert operation["requestBody"]["required"]
    assert content.keys() == {"multipart/form-data", "application/json"}
    assert content["multipart/form-data"]["example"].keys() == {"file", "title", "position"}
    name = content["multipart/form-data"]["schema"]["$ref"].rpartition("/")[2]
    schema = document["components"]["schemas"][name]
    assert schema["properties"]["file"].items() >= {"type": "string", "format": "binary"}.items()
    assert sorted(schema["required"]) == ["file", "title"]
    codes = {status: answer["description"] for status, answer in operation["responses"].items()}
    assert "`upload_incomplete`" in codes["400"]
    assert "`body_too_large`" in codes["413"]
    assert "`unsupported_media_type`" in codes["415"]
    assert "`validation_failed`" in codes["422"]
    assert "`too_many_uploads`" in codes["503"]
    assert "`storage_full`" in codes["507"]
    assert "507" not in document["paths"]["/api/v1/courses"]["post"]["responses"]
