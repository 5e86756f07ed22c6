"""The usual way: every tick loads the session's row through the ORM, changes it and commits.

It speaks the same protocol and writes the same table with the same engine settings as Murph, but knows
no credit rule, no epochs and no evidence: what it is slower by is not for doing more.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from flask_sock import Sock

from config import Settings
from murph.app import features  # noqa: F401  (all tables that the models refer to)
from murph.core import clock
from murph.core.db import db, engine
from murph.metering.cost import cost_minor
from murph.session.models import SessionMeter, WatchSession

SILENCE = timedelta(seconds=125)

app = Flask(__name__)
app.config["DATABASE_URL"] = Settings().DATABASE_URL
engine.init_app(app)


def serve(ws: Any, session_id: UUID) -> None:
    """Take ticks and acknowledge each after its own commit."""
    base_ms, price_minor = _terms(session_id)
    ws.send(json.dumps({"type": "ready"}))
    while True:
        tick = json.loads(ws.receive())
        ack = _record(session_id, tick, base_ms=base_ms, price_minor=price_minor)
        ws.send(json.dumps(ack))


def _terms(session_id: UUID) -> tuple[int, int]:
    meter = db.session.get_one(SessionMeter, session_id)
    price_minor = db.session.get_one(WatchSession, session_id).price_per_minute_minor
    base_ms = meter.used_ms
    db.session.remove()
    return base_ms, price_minor


def _record(session_id: UUID, tick: dict[str, Any], *, base_ms: int, price_minor: int) -> dict[str, Any]:
    meter = db.session.get_one(SessionMeter, session_id)
    now = clock.now()
    meter.used_ms = meter.wall_ms = min(base_ms + tick["played_ms"], meter.affordable_ms)
    meter.state, meter.video_id, meter.position_ms = tick["state"], tick["video_id"], tick["position_ms"]
    meter.attend_at, meter.last_at = now + SILENCE, now
    meter.moves += 1
    db.session.commit()
    spent_minor = cost_minor(used_ms=meter.used_ms, price_per_minute_minor=price_minor)
    ack = {
        "type": "ack",
        "seq": tick["seq"],
        "used_seconds": meter.used_ms // 1000,
        "cost": f"{spent_minor / 100:.2f}",
        "locked": f"{meter.locked_minor / 100:.2f}",
        "seconds_left": (meter.affordable_ms - meter.used_ms) // 1000,
        "interval_ms": 5000,
        "warning": None,
    }
    db.session.remove()
    return ack


Sock(app).route("/ws/session/<uuid:session_id>")(serve)
