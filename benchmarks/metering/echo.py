"""The bare limit: flask-sock with its own defaults, sending back what it receives.

A tick of the generator and an ack of Murph have about the same size, so that the bytes are the same too.
"""

from typing import Any
from uuid import UUID

from flask import Flask
from flask_sock import Sock

app = Flask(__name__)


@Sock(app).route("/ws/session/<uuid:session_id>")
def serve(ws: Any, session_id: UUID) -> None:  # noqa: ARG001
    """Send everything back until the peer is gone."""
    while True:
        ws.send(ws.receive())
