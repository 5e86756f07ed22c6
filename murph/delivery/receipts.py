"""What a receipt says of delivery: the windows that were given out, and how much of each was watched."""

from typing import Any

from murph.delivery import queries
from murph.delivery.models import DeliveredWindow
from murph.metering.intervals import Interval, clip, length_ms, union
from murph.session import queries as session
from murph.session.present import Audience, receipt_of, written
from murph.session.queries import SessionView


def receipt(found: SessionView, audience: Audience) -> dict[str, Any]:
    """Return a session's receipt with its delivered windows, which are not its teacher's business."""
    slices = session.slices(found.session.id)
    document = receipt_of(found, slices, audience)
    if audience is Audience.TEACHER:
        return document
    watched = {video_id: union(stretches) for video_id, stretches in session.runs_of(slices).items()}
    given = queries.delivered_in([found.session.id])
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
