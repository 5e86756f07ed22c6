"""A new epoch of a meter: earlier owners' writes are void, and what they were credited is closed."""

from datetime import datetime

from murph.core.db import db
from murph.metering.cost import cost_minor
from murph.session import queries
from murph.session.models import SessionMeter, WatchSession, WatchSlice, closing_slice_id


def begin_epoch(session: WatchSession, meter: SessionMeter, *, at: datetime) -> WatchSlice | None:
    """Void what earlier owners of this locked meter still write; close what has no slice yet.

    It was watched on the meter's video, and would else count for whichever comes next. Return the slice
    that closes it, if there is one.
    """
    closed = None
    if meter.used_ms > 0 and meter.video_id is not None:
        closed = _close(session, meter, meter.video_id, at=at)
    meter.epoch += 1
    return closed


def _close(session: WatchSession, meter: SessionMeter, video_id: str, *, at: datetime) -> WatchSlice | None:
    sliced_ms = queries.sliced_ms(session.id)
    if sliced_ms >= meter.used_ms:
        return None
    price_minor = session.price_per_minute_minor
    until_minor, from_minor = (
        cost_minor(used_ms=used_ms, price_per_minute_minor=price_minor)
        for used_ms in (meter.used_ms, sliced_ms)
    )
    piece = WatchSlice(
        id=closing_slice_id(session.id, begun_ms=sliced_ms),
        session_id=session.id,
        video_id=video_id,
        used_ms=meter.used_ms - sliced_ms,
        cost_minor=until_minor - from_minor,
        runs={},
        created_at=at,
    )
    db.session.add(piece)
    return piece
