"""The application object that gunicorn and the ``flask`` command load."""

from config import load
from murph.app import create_app

app = create_app(load().flask_config())
