"""The blueprint, and this process's index."""

from flask import Flask, current_app

from murph.core.http import Blueprint
from murph.discovery.live import LiveIndex

blp = Blueprint("discovery", __name__, url_prefix="/discovery", description="Finding the right course")


def init_app(app: Flask) -> None:
    """Give this process its index."""
    app.extensions["murph_index"] = LiveIndex()


def index() -> LiveIndex:
    """Return this process's index."""
    found: LiveIndex = current_app.extensions["murph_index"]
    return found
