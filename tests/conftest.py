"""Fixtures every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from murph.app import create_app
from murph.core.db import db


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Return an application on a fresh SQLite database."""
    settings = Settings(MURPH_ENV="test", INSTANCE_PATH=tmp_path, RATE_LIMITS_ENABLED=False)
    application = create_app(settings.flask_config())
    application.testing = True
    with application.app_context():
        db.create_all()
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
