"""The index that the requests of a process share."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import QueuePool, text
from sqlalchemy.exc import OperationalError

from murph.core.db import db
from murph.discovery.live import LiveIndex
from murph.discovery.queries import documents
from tests.auth.people import Person
from tests.course.builders import published_course
from tests.support.processes import wait_until


def test_whoever_waits_for_the_index_leaves_connections_to_the_one_that_has_it(app: Flask) -> None:
    """With more waiting than the pool has, it could never catch up, and they would all fail."""
    index, has_read = LiveIndex(), threading.Event()

    def wait() -> None:
        with app.app_context():
            db.session.execute(text("SELECT 1"))
            has_read.set()
            with index.up_to_date():
                pass

    with index.up_to_date():
        db.session.rollback()
        waiting = threading.Thread(target=wait)
        waiting.start()
        has_read.wait()
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        wait_until(lambda: pool.checkedout() == 0, what="a pool of which nothing is used")
    waiting.join()


def test_an_index_is_loaded_when_its_process_starts_and_readiness_waits_for_it(
    app: Flask, client: FlaskClient, tess: Person, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    published_course(client, tess, title="Compound interest")
    work()
    monkeypatch.setattr("murph.discovery.routes.blueprint.LOAD_AGAIN_S", 0.01)
    away, gate = [OperationalError("SELECT", {}, Exception())], threading.Event()

    read = documents.generation

    def generation() -> int:
        if away:
            raise away.pop()
        gate.wait()
        return read()

    monkeypatch.setattr("murph.discovery.queries.documents.generation", generation)
    live = app.extensions["murph_index"] = LiveIndex()
    app.extensions["murph_warm_up"]()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["degraded"]) == (503, ["search: loading"])
    gate.set()
    wait_until(lambda: not live.is_loading, what="an index that is there")
    assert len(live.index) == 1
    assert client.get("/readyz").status_code == 200
