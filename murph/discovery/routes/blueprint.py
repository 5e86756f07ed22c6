"""The blueprint, and this process's index."""

import threading
import time
from functools import partial

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from murph.core.db import db
from murph.core.http import Blueprint
from murph.discovery.live import LiveIndex
from murph.discovery.routes import waiting
from murph.gateways import ai

LOAD_AGAIN_S = 1
"""The pause before the index is loaded once more, where the database is away."""

log = structlog.get_logger(__name__)
blp = Blueprint("discovery", __name__, url_prefix="/discovery", description="Finding the right course")


def init_app(app: Flask) -> None:
    """Give this process its index, and places for those who wait."""
    waiting.init_app(app)
    with app.app_context():
        app.extensions["murph_index"] = LiveIndex(model=ai.meanings().model)
    app.extensions["murph_warm_up"] = partial(_warm_up, app)


def _warm_up(app: Flask) -> None:
    """Load the index beside whatever else this process does; `/readyz` waits for it."""
    live: LiveIndex = app.extensions["murph_index"]
    live.is_loading = True
    threading.Thread(target=_load, args=(app, live), name="search-index", daemon=True).start()


def _load(app: Flask, live: LiveIndex) -> None:
    while live.is_loading:
        with app.app_context():
            try:
                with live.up_to_date():
                    pass
            except SQLAlchemyError as error:
                log.warning("discovery.index_waits", reason=type(error).__name__)
                time.sleep(LOAD_AGAIN_S)
            finally:
                db.session.remove()


def index() -> LiveIndex:
    """Return this process's index."""
    found: LiveIndex = current_app.extensions["murph_index"]
    return found
