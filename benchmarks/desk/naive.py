"""The same answers without any sums: straight from ledger, sessions and slices."""

import json
from collections import defaultdict
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text

from murph.core.db import db
from murph.ledger import codes
from murph.metering.retention import Layers, edges_ms, trace

_EARNED = """
SELECT DATE(e.created_at) AS day, j.kind, SUM(IF(e.side = 'D', -e.amount_minor, e.amount_minor)) AS minor
FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
JOIN ledger_transfer t ON t.id = e.transfer_id JOIN journal_txn j ON j.id = t.txn_id
WHERE a.code = :code AND e.created_at >= :since AND e.created_at < :until
AND j.kind IN ('settle', 'refund', 'bonus', 'reversal', 'adjust') GROUP BY 1, 2
"""
_PAID_MS = """
SELECT SUM(used_ms - used_ms % 1000) FROM watch_session WHERE teacher_id = :teacher AND status = 'completed'
AND cost_minor > 0 AND settled_at >= :since AND settled_at < :until
"""
_LEARNERS = """
SELECT COUNT(DISTINCT student_id) FROM watch_session WHERE teacher_id = :teacher AND status = 'completed'
AND cost_minor > 0 AND settled_at >= :since AND settled_at < :until
"""
_NEW = """
SELECT COUNT(*) FROM (SELECT MIN(settled_at) AS first FROM watch_session WHERE teacher_id = :teacher
AND status = 'completed' AND cost_minor > 0 GROUP BY student_id) AS firsts
WHERE first >= :since AND first < :until
"""
_SLICES = """
SELECT s.student_id, w.runs FROM watch_session s JOIN watch_slice w ON w.session_id = s.id
WHERE s.course_id = :course AND s.settled_at IS NOT NULL
"""


def dashboard(teacher_id: UUID, days: int, today: date) -> dict[str, int]:
    """Return the figures of the last so many days, and look up those of the days before as well."""
    until = today + timedelta(days=1)
    found: dict[str, int] = {}
    for name, begin in (("previous", until - timedelta(days=2 * days)), ("current", until - timedelta(days))):
        period = {"since": begin, "until": begin + timedelta(days=days), "teacher": teacher_id.hex}
        earned = period | {"code": codes.teacher_earned(teacher_id)}
        found[f"{name} net"] = sum(int(row.minor) for row in db.session.execute(text(_EARNED), earned))
        for what, statement in (("paid_ms", _PAID_MS), ("learners", _LEARNERS), ("new_watchers", _NEW)):
            found[f"{name} {what}"] = int(db.session.execute(text(statement), period).scalar_one() or 0)
    db.session.rollback()
    return found


def retention(course_id: UUID, video_id: UUID, duration_ms: int) -> Layers:
    """Return the curve of a video from all slices of its course."""
    stretches: dict[str, list[list[int]]] = defaultdict(list)
    wanted = str(video_id)
    for student, runs in db.session.execute(text(_SLICES), {"course": course_id.hex}):
        stretches[student] += json.loads(runs).get(wanted, [])
    db.session.rollback()
    edges = edges_ms(duration_ms)
    layers = Layers.empty(len(edges) - 1)
    layers.add(trace(watched, edges) for watched in stretches.values())
    return layers
