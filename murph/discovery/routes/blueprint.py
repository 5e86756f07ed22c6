"""The blueprint, and this process's index."""

from flask import Flask, current_app

from murph.core.http import Blueprint
from murph.discovery.live import LiveIndex
from murph.discovery.routes import waiting
from murph.gateways import ai

blp = Blueprint("discovery", __name__, url_prefix="/discovery", description="Finding the right course")


def init_app(app: Flask) -> None:
    """Give this process its index, and places for those who wait."""
    waiting.init_app(app)
    with app.app_context():
        app.extensions["murph_index"] = LiveIndex(model=ai.meanings().model)


def index() -> LiveIndex:
    """Return this process's index."""
    found: LiveIndex = current_app.extensions["murph_index"]
    return found
