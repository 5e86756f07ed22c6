"""What a receipt says of delivery: the windows that were given out, and how much of each was watched."""

from typing import Any
from uuid import UUID

from murph.delivery import queries
from murph.delivery.models import DeliveredWindow
from murph.metering.intervals import Interval, clip, length_ms, union
from murph.session import queries as session
from murph.session.present import Audience, written


def with_deliveries(document: dict[str, Any], session_id: UUID, audience: Audience) -> dict[str, Any]:
    """Return a session's receipt with its delivered windows, which are not its teacher's business."""
    if audience is Audience.TEACHER:
        return document
    runs = session.watched_runs([session_id])[session_id]
    watched = {video_id: union(stretches) for video_id, stretches in runs.items()}
    given = queries.delivered_in([session_id])
    return document | {"deliveries": [_delivery(row, watched.get(str(row.video_id), [])) for row in given]}


def _delivery(row: DeliveredWindow, watched: list[Interval]) -> dict[str, Any]:
    credited = clip(watched, start_ms=row.begin_ms, end_ms=row.end_ms)
    return {
        "video_id": str(row.video_id),
        "window": row.window,
        "begin_ms": row.begin_ms,
        "end_ms": row.end_ms,
        "credited_ms": length_ms(credited),
        "delivered_at": written(row.delivered_at),
    }
