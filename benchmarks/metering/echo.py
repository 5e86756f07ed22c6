"""The bare limit: flask-sock with its own defaults, sending back what it receives.

A tick of the generator and an ack of Murph have about the same size, so that the bytes are the same too.
"""

from typing import Any

from flask import Flask
from flask_sock import Sock

app = Flask(__name__)


def serve(ws: Any, _session_id: str) -> None:
    """Send everything back until the peer is gone."""
    while True:
        ws.send(ws.receive())


Sock(app).route("/ws/session/<_session_id>")(serve)
