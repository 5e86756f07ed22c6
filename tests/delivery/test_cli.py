import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from murph.core import clock
from murph.core.db import db
from murph.delivery.models import Allowance
from murph.gateways.storage import storage
from murph.media import keys, queries, service
from murph.media.models import HLS, MP4, Asset
from tests.auth.people import Person
from tests.delivery.builders import Film, film, make, place, window_key
from tests.session.builders import start

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run ``flask media`` with these arguments."""

    def invoke(*arguments: str, exit_code: int = 0) -> Result:
        result = app.test_cli_runner().invoke(args=["media", *arguments], env={"COLUMNS": "300"})
        assert result.exit_code == exit_code, result.output
        return result

    return invoke


def asset_of(made: Film) -> Asset:
    db.session.rollback()
    found = queries.asset(made.asset_id)
    assert found is not None
    return found


class TestList:
    def test_it_is_one_json_document_newest_first(self, run: Run, movie: Film, file: Film) -> None:
        def listed(*arguments: str) -> list[dict[str, Any]]:
            items: list[dict[str, Any]] = json.loads(run("list", "--json", *arguments).stdout)["items"]
            return items

        newest, oldest = listed()
        assert (newest["id"], oldest["id"]) == (str(file.asset_id), str(movie.asset_id))
        assert (newest["mode"], newest["duration_ms"], oldest["mode"]) == (MP4, 60_000, HLS)
        assert (oldest["state"], oldest["revision"], oldest["failure"]) == ("ready", 1, None)
        assert listed("--state", "failed") == []
        assert [each["id"] for each in listed("--limit", "1")] == [str(file.asset_id)]

    def test_for_people_it_is_a_table_with_what_went_wrong(self, run: Run, movie: Film) -> None:
        fail(movie)
        shown = run("list", "--state", "failed").stdout
        for text in (str(movie.asset_id), "film.mp4", "failed", "It is broken."):
            assert text in shown


class TestProcess:
    def test_what_waits_is_processed_and_its_problem_told(self, run: Run, movie: Film) -> None:
        service.process_again(asset_id=movie.asset_id, at=clock.now())
        told = run("process").stdout
        assert f"{movie.asset_id} film.mp4: failed: " in told  # its upload is no video
        assert told.endswith("1 video processed.\n")
        asset = asset_of(movie)
        assert (asset.state, asset.revision) == ("failed", 1)

    def test_what_was_made_plays_on_while_a_second_making_fails(
        self, run: Run, client: FlaskClient, stan: Person, movie: Film
    ) -> None:
        start(client, stan, movie.course)
        run("process", str(movie.asset_id))
        address = place(client, movie.course, stan)
        assert client.get(f"{address}/k/0").data == window_key(movie, 0)

    def test_what_failed_is_tried_anew_when_that_is_asked_for(self, run: Run, movie: Film) -> None:
        fail(movie)
        assert run("process").stdout == "No videos processed.\n"
        assert run("process", "--failed").stdout.endswith("1 video processed.\n")

    def test_an_asset_that_is_not_there_is_named(self, run: Run) -> None:
        assert "no asset" in run("process", str(uuid4()), exit_code=1).output

    def test_what_is_no_id_is_refused(self, run: Run) -> None:
        assert "UUID" in run("process", "first", exit_code=2).output


class TestVerify:
    def test_without_a_problem_it_says_so(self, run: Run, movie: Film, file: Film) -> None:
        assert run("verify").stdout == "No problems found.\n"
        assert json.loads(run("verify", "--json").stdout) == {"objects": [], "deliveries": []}

    def test_what_a_row_needs_and_storage_lacks_is_named(self, run: Run, movie: Film) -> None:
        segment = queries.segments(movie.asset_id, 1)[3].object_key
        upload = asset_of(movie).upload_key
        storage().delete([segment, upload])
        found = json.loads(run("verify", "--json", exit_code=1).stdout)["objects"]
        assert {each["key"] for each in found} == {segment, upload}
        assert all(each["problem"].startswith("is missing") for each in found)

    def test_an_object_of_another_size_is_named(self, run: Run, movie: Film) -> None:
        key = queries.segments(movie.asset_id, 1)[0].object_key
        storage().put(key, b"cut", content_type="video/mp2t")
        told = run("verify", exit_code=1).stdout
        assert told == f"{key} has 3 bytes instead of 30\n1 problem found.\n"

    def test_an_object_without_a_row_is_named(self, run: Run, movie: Film) -> None:
        key = f"{service.prefix(movie.asset_id)}1/stray.ts"
        storage().put(key, b"stray", content_type="video/mp2t")
        assert f"{key} belongs to nothing: delete it\n" in run("verify", exit_code=1).stdout

    def test_what_is_about_to_go_or_to_come_is_no_problem(self, run: Run, movie: Film) -> None:
        service.process_again(asset_id=movie.asset_id, at=clock.now())
        make(movie.asset_id)
        assert run("verify").stdout == "No problems found.\n"
        later = clock.now() + service.STILL_PLAYED_FOR + timedelta(seconds=1)
        assert service.clear_due(storage=storage(), at=later) == 1
        assert run("verify").stdout == "No problems found.\n"

    def test_a_sum_that_is_wrong_is_named(
        self, run: Run, client: FlaskClient, stan: Person, movie: Film
    ) -> None:
        start(client, stan, movie.course)
        client.get(f"{place(client, movie.course, stan)}/k/0")
        db.session.scalars(select(Allowance)).one().delivered_ms = 0
        db.session.commit()
        told = run("verify", exit_code=1).stdout
        assert f"student {stan.id}, video {movie.video_id}: 0 ms are counted" in told
        (found,) = json.loads(run("verify", "--json", exit_code=1).stdout)["deliveries"]
        assert (found["student_id"], found["video_id"]) == (str(stan.id), str(movie.video_id))


class TestRekey:
    def test_afterwards_the_key_before_is_needed_no_more(
        self, run: Run, app: Flask, client: FlaskClient, tess: Person, movie: Film, file: Film
    ) -> None:
        before = app.config["MEDIA_KEY"]
        app.config["MEDIA_KEY"], app.config["MEDIA_KEY_PREVIOUS"] = "another" * 8, before
        assert run("rekey").stdout == "1 key sealed anew.\n"
        app.config["MEDIA_KEY_PREVIOUS"] = ""
        sealed = asset_of(movie).sealed_key
        assert sealed is not None
        keys.unseal(sealed, keys.from_config(app.config))
        assert client.get(f"{place(client, movie.course, tess)}/k/3").data == window_key(movie, 3)

    def test_with_a_key_that_nobody_knows_nothing_is_changed(
        self, run: Run, app: Flask, client: FlaskClient, tess: Person, movie: Film
    ) -> None:
        other = film(client, tess)
        before = {made.asset_id: asset_of(made).sealed_key for made in (movie, other)}
        app.config["MEDIA_KEY"] = "another" * 8
        assert "MEDIA_KEY_PREVIOUS" in run("rekey", exit_code=1).output
        assert {made.asset_id: asset_of(made).sealed_key for made in (movie, other)} == before
        answer = client.get(f"{place(client, movie.course, tess)}/k/3")
        assert (answer.status_code, answer.get_json()["code"]) == (503, "media_key_unknown")


def fail(made: Film) -> None:
    """Let a making of a film fail."""
    service.process_again(asset_id=made.asset_id, at=clock.now())
    work = service.claim_next(maker="test", asset_id=made.asset_id, at=clock.now())
    assert work is not None
    service.fail(work=work, code="corrupt", detail="It is broken.", at=clock.now())
