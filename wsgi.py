"""The application object that gunicorn and the ``flask`` command load."""

from config import Settings
from murph.app import create_app

app = create_app(Settings().flask_config())
