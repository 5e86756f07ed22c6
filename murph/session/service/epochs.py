"""A new epoch of a meter: earlier owners' writes are void, and what they were credited is closed."""

from datetime import datetime

from murph.metering.cost import cost_minor
from murph.session import queries
from murph.session.models import SessionMeter, WatchSession, closing_slice_id
from murph.session.queries import Slice
from murph.session.service import evidence


def begin_epoch(session: WatchSession, meter: SessionMeter, *, at: datetime) -> Slice | None:
    """Void what earlier owners of this locked meter still write; return the slice that closes it, if any."""
    closed = close_stretch(session, meter, at=at)
    meter.epoch += 1
    return closed


def close_stretch(session: WatchSession, meter: SessionMeter, *, at: datetime) -> Slice | None:
    """Close what was credited on this locked meter and has no slice yet; return the slice, if there is one.

    It was watched on the meter's video, and would else count for whichever comes next.
    """
    if meter.used_ms == 0 or meter.video_id is None:
        return None
    sliced_ms = queries.sliced_ms(session.id)
    if sliced_ms >= meter.used_ms:
        return None
    price_minor = session.price_per_minute_minor
    until_minor, from_minor = (
        cost_minor(used_ms=used_ms, price_per_minute_minor=price_minor)
        for used_ms in (meter.used_ms, sliced_ms)
    )
    piece = Slice(
        id=closing_slice_id(session.id, begun_ms=sliced_ms),
        video_id=meter.video_id,
        used_ms=meter.used_ms - sliced_ms,
        cost_minor=until_minor - from_minor,
        runs={},
        created_at=at,
    )
    evidence.add(session.id, piece)
    return piece
