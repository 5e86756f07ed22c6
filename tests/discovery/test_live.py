"""The index that the requests of a process share."""

import threading

from flask import Flask
from sqlalchemy import QueuePool, text

from murph.core.db import db
from murph.discovery.live import LiveIndex
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
