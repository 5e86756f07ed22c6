"""Who owns a session's meter, and the REST form of a tick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from murph.core.db import database_now, transactional
from murph.core.ids import new_id
from murph.course import service as course
from murph.metering.cost import cost_minor
from murph.metering.credit import PlayState
from murph.metering.intervals import Watched, joined
from murph.session import queries
from murph.session.models import SessionMeter, WatchSession
from murph.session.queries import Slice
from murph.session.rules import LOOK_EVERY, SLICE_LENGTH, Rules
from murph.session.service import evidence
from murph.session.service.end import end
from murph.session.service.epochs import begin_epoch
from murph.session.service.errors import SessionNotFound, SessionNotLive, SocketLive, UnknownVideo

REST = "rest"
"""The owner of a meter whose ticks come over REST."""

REST_FRESH_LIMIT_MS = 30_000
"""The most that one REST tick can credit, however long ago the last one was."""


@dataclass(frozen=True)
class Claim:
    """What a new owner of a meter starts from."""

    session_id: UUID
    epoch: int
    used_ms: int
    wall_ms: int
    affordable_ms: int
    price_per_minute_minor: int
    locked_minor: int
    idle_ms: int | None
    durations_ms: Mapping[str, int]
    """How long each video of the course is, by its id, in their order."""


@dataclass(frozen=True)
class RestTick:
    """One progress message over REST; `claimed_ms` is cumulative over the session."""

    claimed_ms: int
    state: PlayState
    video_id: UUID | None
    position_ms: int | None
    lecture_number: int | None


@dataclass(frozen=True)
class Recorded:
    """A session after a tick, the videos of its course, and its slices in their order, the newest last."""

    session: WatchSession
    videos: Sequence[course.VideoForWatching]
    slices: list[Slice]


@transactional
def claim(*, session_id: UUID, student_id: UUID, owner: str, rules: Rules, at: datetime) -> Claim:
    """Make `owner` the only one who may write the meter; older owners' writes are void from now on.

    Raises:
        SessionNotFound: no such session of this student.
        SessionNotLive: it is not running.
    """
    session = _running(session_id, student_id)
    meter, now = session.meter, database_now()
    begin_epoch(session, meter, at=at)
    meter.owner = owner
    meter.attend_at, meter.last_at = at + rules.silence, now
    meter.moves += 1
    return Claim(
        session_id=session.id,
        epoch=meter.epoch,
        used_ms=meter.used_ms,
        wall_ms=meter.wall_ms,
        affordable_ms=meter.affordable_ms,
        price_per_minute_minor=session.price_per_minute_minor,
        locked_minor=session.locked_minor,
        idle_ms=meter.idle_ms,
        durations_ms=course.get_durations_ms(course_id=session.course_id),
    )


def _running(session_id: UUID, student_id: UUID) -> WatchSession:
    session = queries.locked_with_meter(session_id)
    if session is None or session.student_id != student_id:
        raise SessionNotFound
    if session.status != "active":
        raise SessionNotLive
    return session


@transactional
def release(*, session_id: UUID, epoch: int) -> bool:
    """Give the meter up when a connection closes; return False when it has passed to another epoch."""
    meter = queries.locked_meter(session_id)
    if meter.epoch != epoch:
        return False
    meter.owner = None
    return True


@transactional
def flag(*, session_id: UUID) -> None:
    """Mark a session whose player kept claiming more time than had passed."""
    session = queries.locked_session(session_id)
    if session is not None:
        session.is_flagged = True


@transactional
def record_tick(
    *, session_id: UUID, student_id: UUID, tick: RestTick, rules: Rules, at: datetime
) -> Recorded:
    """Credit one REST tick by the database's clock; return the session with what was watched in it.

    It ends here when the funds are used up; a pause that lasts too long is the sweep's to end.

    Raises:
        SessionNotFound: no such session of this student.
        SessionNotLive: it is not running.
        SocketLive: a WebSocket owns the meter.
        UnknownVideo: the video is not one of the course's.
    """
    session = _running(session_id, student_id)
    meter, now = session.meter, database_now()
    videos, slices = course.get_timeline(course_id=session.course_id), queries.slices(session_id)
    recorded = Recorded(session, videos, slices)
    slices.extend(_take_over(session, meter, now=now, rules=rules, at=at))
    delta_ms = _credit(meter, claimed_ms=tick.claimed_ms, now=now)
    _hold_state(meter, tick.state, rules=rules, at=at)
    _record_evidence(recorded, tick, delta_ms=delta_ms, at=at)
    if meter.used_ms >= meter.affordable_ms:
        end(session_id=session_id, reason="funds_exhausted", rules=rules, at=at)
    return recorded


def _take_over(
    session: WatchSession, meter: SessionMeter, *, now: datetime, rules: Rules, at: datetime
) -> list[Slice]:
    """Make REST the owner; return the slice that closes what another owner left, if there is one."""
    if meter.owner == REST:
        return []
    # An owner that died without a word leaves its name behind; silence is what gives it away. A moment
    # in the future is not one: the clock was set back, and an owner that lives writes at the next tick.
    if meter.owner is not None and abs(now - meter.last_at) < rules.longest_interval:
        raise SocketLive
    # What a socket left in its flusher must not undo what REST credits.
    closed = begin_epoch(session, meter, at=at)
    meter.owner = REST
    return [closed] if closed else []


def _credit(meter: SessionMeter, *, claimed_ms: int, now: datetime) -> int:
    elapsed_ms = max(0, (now - meter.last_at) // timedelta(milliseconds=1))
    fresh_ms = min(elapsed_ms, REST_FRESH_LIMIT_MS) if meter.state == PlayState.PLAYING else 0
    left_ms = meter.affordable_ms - meter.used_ms
    delta_ms = max(0, min(claimed_ms - meter.used_ms, fresh_ms, left_ms))
    meter.used_ms += delta_ms
    meter.wall_ms += elapsed_ms
    meter.last_at = now
    meter.moves += 1
    return delta_ms


def _hold_state(meter: SessionMeter, state: PlayState, *, rules: Rules, at: datetime) -> None:
    meter.state = state
    if state is PlayState.PLAYING:
        meter.idle_ms, meter.attend_at = None, at + rules.silence
    elif meter.idle_ms is None:
        meter.idle_ms, meter.attend_at = 0, at + LOOK_EVERY


def _record_evidence(recorded: Recorded, tick: RestTick, *, delta_ms: int, at: datetime) -> None:
    meter, video = recorded.session.meter, _video(recorded.videos, tick)
    watched = Watched(video_id=meter.video_id, position_ms=meter.position_ms)
    watched.add(
        video_id=str(video.video_id),
        duration_ms=video.duration_ms,
        delta_ms=delta_ms,
        rate=1.0,
        position_ms=tick.position_ms,
        start_ms=_lecture_start_ms(video, tick.lecture_number),
    )
    meter.video_id, meter.position_ms = watched.video_id, watched.position_ms
    if delta_ms > 0:
        _extend_slice(recorded, str(video.video_id), delta_ms=delta_ms, runs=watched.runs, at=at)


def _video(videos: Sequence[course.VideoForWatching], tick: RestTick) -> course.VideoForWatching:
    for video in videos:
        if tick.video_id in (None, video.video_id):
            return video
    raise UnknownVideo


def _lecture_start_ms(video: course.VideoForWatching, number: int | None) -> int:
    return next((lecture.start_ms for lecture in video.lectures if lecture.number == number), 0)


def _extend_slice(
    recorded: Recorded, video_id: str, *, delta_ms: int, runs: Mapping[str, Any], at: datetime
) -> None:
    """Add to the evidence of the present minute on this video, or begin that of a new one."""
    session, meter = recorded.session, recorded.session.meter
    begun = _begun_slice(recorded.slices, video_id, at=at)
    piece = begun or Slice(new_id(), video_id, used_ms=0, cost_minor=0, runs={}, created_at=at)
    price_minor = session.price_per_minute_minor
    begun_ms = meter.used_ms - delta_ms - piece.used_ms
    # The difference of two totals: a sum of rounded steps would drift.
    piece = replace(
        piece,
        used_ms=piece.used_ms + delta_ms,
        cost_minor=cost_minor(used_ms=meter.used_ms, price_per_minute_minor=price_minor)
        - cost_minor(used_ms=begun_ms, price_per_minute_minor=price_minor),
        runs=joined(piece.runs, runs),
    )
    if begun is None:
        evidence.add(session.id, piece)
        recorded.slices.append(piece)
    else:
        evidence.grow(piece)
        recorded.slices[-1] = piece


def _begun_slice(slices: Sequence[Slice], video_id: str, *, at: datetime) -> Slice | None:
    last = slices[-1] if slices else None
    if last is None or last.video_id != video_id or at - last.created_at >= SLICE_LENGTH:
        return None
    return last
