"""Record a whole visit that no player of ours metered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from murph.core.db import db, transactional
from murph.metering.cost import cost_minor
from murph.metering.intervals import Interval
from murph.session import queries
from murph.session.models import SessionMeter, WatchSession, WatchSlice
from murph.session.rules import Rules
from murph.session.service.end import end
from murph.session.service.settle import settle
from murph.session.service.start import start


@transactional
def record_visit(
    *, student_id: UUID, course_id: UUID, runs: Mapping[str, Sequence[Interval]], rules: Rules, at: datetime
) -> None:
    """Record, pay for and settle what was watched at normal speed, for demonstrations: `runs` by video id.

    No clock of ours has seen this time pass, so nothing but a trusted command may call it.

    Raises:
        What `start` raises.
    """
    session = start(student_id=student_id, course_id=course_id, locked_minor=None, rules=rules, at=at)
    meter = queries.locked_meter(session.id)
    for video_id, stretches in runs.items():
        _watch(session, meter, video_id, stretches, at=at)
    end(session_id=session.id, reason="user", rules=rules, at=at)
    settle(session_id=session.id, at=at)


def _watch(
    session: WatchSession,
    meter: SessionMeter,
    video_id: str,
    stretches: Sequence[Interval],
    *,
    at: datetime,
) -> None:
    before_minor = _cost_minor(session, meter)
    watched_ms = sum(stop - begin for begin, stop in stretches)
    meter.used_ms += watched_ms
    meter.wall_ms += watched_ms
    meter.video_id = video_id
    meter.moves += 1
    piece = WatchSlice(
        session_id=session.id,
        video_id=video_id,
        used_ms=watched_ms,
        cost_minor=_cost_minor(session, meter) - before_minor,
        runs={video_id: [list(stretch) for stretch in stretches]},
        created_at=at,
    )
    db.session.add(piece)
    db.session.flush()


def _cost_minor(session: WatchSession, meter: SessionMeter) -> int:
    return cost_minor(used_ms=meter.used_ms, price_per_minute_minor=session.price_per_minute_minor)
