"""Doing the same many times at once: real threads, each with its own context and connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from flask import Flask

from murph.core.db import db
from murph.core.errors import MurphError

R = TypeVar("R")


def race(app: Flask, runners: int, run: Callable[[int], R]) -> tuple[list[R], list[MurphError]]:
    """Release `run(0)`..`run(runners - 1)` together; return what came back and what was refused."""
    db.session.rollback()
    start = Barrier(runners)

    def one(number: int) -> R | MurphError:
        with app.app_context():
            start.wait()
            try:
                return run(number)
            except MurphError as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(runners) as pool:
        outcomes = list(pool.map(one, range(runners)))
    refusals = [outcome for outcome in outcomes if isinstance(outcome, MurphError)]
    return [outcome for outcome in outcomes if not isinstance(outcome, MurphError)], refusals
