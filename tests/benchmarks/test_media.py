from pathlib import Path

import pytest
from flask import Flask

from benchmarks.media import client, delivering, findings, packaging, uploads
from benchmarks.media.film import Film, add_film, watchers
from benchmarks.people import published_course
from benchmarks.place import Place, serving
from benchmarks.report import Runs
from tests.support.tools import require_tool
from tests.support.valkey import Valkey

HOUSE, FILM_S = "SQLite, threads", 3


@pytest.fixture
def source(tmp_path: Path) -> Path:
    require_tool("ffmpeg")
    return packaging.make_film_to_code(tmp_path / "film.mp4", seconds=FILM_S)


@pytest.fixture
def film(app: Flask, database: str, valkey: Valkey, tmp_path: Path, source: Path) -> Film:
    course_id, video_id = published_course(app.config["CURRENCY"])
    return add_film(Place(app, database, valkey, tmp_path, course_id, video_id), source)


@pytest.mark.torture
def test_everything_is_measured_and_reported(film: Film) -> None:
    runs = Runs()
    delivering.segments(film, HOUSE, runs, rounds=1, seconds=0.2)
    delivering.keys(film, HOUSE, runs, rounds=1, students=2)
    delivering.frames(film, HOUSE, runs, rounds=1, times=1)
    uploads.uploads(film, HOUSE, runs, rounds=1, megabytes=2)
    packaging.packaging(film, "coded", runs, rounds=1)
    (first,), (again,) = (runs.by_figure[f"{HOUSE}: key {kind}"] for kind in ("first", "again"))
    assert first["requests"] == again["requests"] == 2
    assert first["statements"] > again["statements"] > 0
    (made,), (alone,) = (runs.by_figure[f"coded: {what}"] for what in ("packaging", "ffmpeg alone"))
    assert min(alone["cut"], alone["pictures"], made["store"]) > 0
    said = findings.report({}, {}, runs).markdown()
    for title in ("Segments", "Keys", "First frame", "Uploads", "Packaging"):
        assert f"## {title}\n" in said


def test_a_refusal_is_no_figure(film: Film) -> None:
    (watcher,) = watchers(film, 1)
    with serving(film.place, "wsgi:app") as server, pytest.raises(SystemExit, match="refused"):
        client.ask({"port": server.port, "connections": [[f"{watcher.media}/k/99"]], "seconds": None})
