"""One connected player in this process: its meter, its evidence, and what it still has to be told."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, NamedTuple
from uuid import UUID

from murph.core import clock
from murph.core.ids import new_id
from murph.metering.cost import cost_minor
from murph.metering.credit import Meter, PlayState, is_replay, open_meter, take_tick
from murph.metering.intervals import Watched
from murph.session import messages
from murph.session.messages import LOW_BALANCE_SECONDS, BadMessage, Standing, Tick
from murph.session.rules import PAUSE_LIMIT
from murph.session.service import Claim

SLICE_MS = 60_000
MAX_STRIKES = 5


class Signal(Enum):
    """What other threads ask a player's own thread to do."""

    CHECK = auto()  # the meter has a new owner or the session is over: look at the row
    KEEP_ALIVE = auto()  # paused: write the row, so that the sweep sees life
    SAVE = auto()  # make the evidence durable: the session is about to end
    SUSPEND = auto()
    REAUTHENTICATE = auto()
    TOKEN_EXPIRED = auto()
    REVOKED = auto()
    IDLE = auto()
    END = auto()  # try again to end, as asked while the database was away
    DRAIN = auto()


@dataclass(slots=True)  # one per tick: freezing it would treble the time it takes to make
class MeterRow:
    """The state of a meter that one flush makes durable."""

    session_id: UUID
    epoch: int
    state: PlayState
    used_ms: int
    wall_ms: int
    affordable_ms: int
    locked_minor: int
    idle_ms: int | None
    video_id: str | None
    position_ms: int | None


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A stretch of evidence on one video that one flush makes durable.

    It covers `used_ms` of the session's used time, from `begun_ms` on.
    """

    id: UUID
    session_id: UUID
    epoch: int
    video_id: str
    begun_ms: int
    used_ms: int
    cost_minor: int
    runs: Mapping[str, Any]
    created_at: datetime


class Ack(NamedTuple):
    """A tick that is durable: its number and the total it led to."""

    seq: int
    used_ms: int


class Player:
    """A connection that owns a session's meter. Only its own thread changes meter and evidence."""

    def __init__(
        self,
        claim: Claim,
        *,
        currency: str,
        wake: Callable[[], None],
        offer: Callable[[str], bool],
    ) -> None:
        self.claim = claim
        self.meter: Meter = open_meter(
            base_ms=claim.used_ms, affordable_ms=claim.affordable_ms, now_ms=clock.monotonic_ms()
        )
        self.locked_minor = claim.locked_minor
        self.outbox: list[Ack | str | Signal] = []  # a deque takes ten times the memory while it is empty
        self.saved = threading.Event()
        self.unacked_since_ms: int | None = None
        self.newest_row: MeterRow | None = None
        self.flushed_at_ms = self.meter.opened_ms
        self.strikes = 0
        self.last_ack: str | None = None
        self.is_gone = False
        self.pending_end: str | None = None
        self._is_suspended = self._is_forgiven = False
        self._default_video_id = next(iter(claim.durations_ms), None)
        self._currency = currency
        self._wake = wake
        self._offer = offer
        self._watched = Watched()
        self._slice_opened_ms = self.meter.opened_ms
        self._slice_used_ms = claim.used_ms
        self._paused_since_ms: int | None = None
        if claim.idle_ms is not None:  # a reconnect does not begin a pause anew
            self._paused_since_ms = self.meter.opened_ms - claim.idle_ms
        self._warned_low = False

    @property
    def session_id(self) -> UUID:
        """Return the session this player watches."""
        return self.claim.session_id

    def tell(self, item: Ack | str | Signal) -> None:
        """Hand something to the player's own thread."""
        self.outbox.append(item)
        self._wake()

    def deliver(self, ack: Ack, *, interval_ms: int) -> None:
        """Acknowledge a durable tick: at once where nothing waits before it, else by the own thread."""
        is_ordinary = ack.used_ms < self.meter.affordable_ms and not self._is_suspended
        if self.outbox or not is_ordinary:
            self.tell(ack)
        elif not self._offer(text := self.write_ack(ack, interval_ms=interval_ms)):
            self.tell(text)

    def write_ack(self, ack: Ack, *, interval_ms: int) -> str:
        """Return the message that acknowledges a tick, kept for when the tick comes again."""
        standing = self.standing(ack.used_ms)
        warning = self.warning(standing)
        self.last_ack = messages.ack(seq=ack.seq, standing=standing, interval_ms=interval_ms, warning=warning)
        return self.last_ack

    def is_replay(self, tick: Tick) -> bool:
        """Tell whether this tick was taken before."""
        return is_replay(self.meter, seq=tick.seq)

    def take(self, tick: Tick) -> tuple[MeterRow, SliceRow | None]:
        """Credit a new tick in memory; return the row that makes it durable, and evidence that is whole.

        Evidence is of one video: a tick for another one completes it, and is not part of it.

        Raises:
            BadMessage: the video belongs to another course.
        """
        video_id = tick.video_id or self._default_video_id
        if video_id is None or video_id not in self.claim.durations_ms:
            raise BadMessage('"video_id" is not a video of this course.')
        piece = None if video_id == self._watched.video_id else self.cut_slice(whole=False)
        now_ms = clock.monotonic_ms()
        state = PlayState.PAUSED if self._is_suspended else tick.state
        earned = take_tick(self.meter, seq=tick.seq, played_ms=tick.played_ms, state=state, now_ms=now_ms)
        self.strikes += earned.is_strike and not self._is_forgiven
        self._is_forgiven = self._is_suspended
        self._watched.add(
            video_id=video_id,
            duration_ms=self.claim.durations_ms[video_id],
            delta_ms=earned.delta_ms,
            rate=tick.rate,
            position_ms=tick.position_ms,
        )
        if self.unacked_since_ms is None:
            self.unacked_since_ms = now_ms
        return self.row(), piece or self.cut_slice()

    def suspend(self) -> None:
        """Credit nothing from here on: the player was told to stop, as nothing becomes durable.

        What it played until it heard so is not credited, and is no strike either.
        """
        self._is_suspended = self._is_forgiven = True
        self.meter.state = PlayState.PAUSED

    def resume(self) -> None:
        """Credit again from the next tick that says it plays: the database is back.

        How long it was away is not held against a player that had to pause so long.
        """
        if self._is_suspended:
            self._is_suspended, self._paused_since_ms = False, None

    def row(self) -> MeterRow:
        """Return the meter's present state as the row to write."""
        meter = self.meter
        self.newest_row = row = MeterRow(
            session_id=self.claim.session_id,
            epoch=self.claim.epoch,
            state=meter.state,
            used_ms=meter.used_ms,
            wall_ms=self.claim.wall_ms + meter.last_ms - meter.opened_ms,
            affordable_ms=meter.affordable_ms,
            locked_minor=self.locked_minor,
            idle_ms=self._idle_ms(),
            video_id=self._watched.video_id,
            position_ms=self._watched.position_ms,
        )
        return row

    def _idle_ms(self) -> int | None:
        if self.meter.state is PlayState.PLAYING:
            self._paused_since_ms = None
            return None
        if self._paused_since_ms is None:
            self._paused_since_ms = self.meter.last_ms
        return self.paused_for_ms(clock.monotonic_ms())

    def paused_for_ms(self, now_ms: int) -> int:
        """Return how long the player has not been playing, 0 while it plays."""
        since_ms = self._paused_since_ms
        return 0 if since_ms is None else now_ms - since_ms

    def is_idle(self, now_ms: int) -> bool:
        """Tell whether the pause has become too long."""
        return self.paused_for_ms(now_ms) >= PAUSE_LIMIT / timedelta(milliseconds=1)

    def end_still_due(self) -> str | None:
        """Return why to end, as was put off before, unless the player resumed or can pay again."""
        has_passed = {
            "idle": not self.is_idle(clock.monotonic_ms()),
            "funds_exhausted": not self.meter.is_exhausted,
        }
        if self.pending_end is not None and has_passed.get(self.pending_end, False):
            self.pending_end = None
        return self.pending_end

    def cut_slice(self, *, whole: bool = True) -> SliceRow | None:
        """Return the evidence since the last slice and begin a new one.

        With `whole` nothing is cut before a slice's full length has passed.
        """
        if whole and self.meter.last_ms - self._slice_opened_ms < SLICE_MS:
            return None
        video_id, used_ms = self._watched.video_id, self.meter.used_ms - self._slice_used_ms
        if video_id is None or used_ms == 0:
            return None
        row = SliceRow(
            id=new_id(),
            session_id=self.session_id,
            epoch=self.claim.epoch,
            video_id=video_id,
            begun_ms=self._slice_used_ms,
            used_ms=used_ms,
            cost_minor=self._cost_minor(self.meter.used_ms) - self._cost_minor(self._slice_used_ms),
            runs=self._watched.runs,
            created_at=clock.now(),
        )
        self._watched.runs = {}
        self._slice_opened_ms, self._slice_used_ms = self.meter.last_ms, self.meter.used_ms
        return row

    def _cost_minor(self, used_ms: int) -> int:
        return cost_minor(used_ms=used_ms, price_per_minute_minor=self.claim.price_per_minute_minor)

    def raise_limit(self, *, affordable_ms: int, locked_minor: int) -> None:
        """Let an extended lock count from now on."""
        self.meter.affordable_ms, self.locked_minor = affordable_ms, locked_minor

    def standing(self, used_ms: int) -> Standing:
        """Return the figures to show for a credited total."""
        return Standing(
            used_ms=used_ms,
            affordable_ms=self.meter.affordable_ms,
            locked_minor=self.locked_minor,
            price_per_minute_minor=self.claim.price_per_minute_minor,
            currency=self._currency,
        )

    def warning(self, standing: Standing) -> str | None:
        """Return what the ack should warn of: ``final``, once ``low_balance``, or nothing."""
        if standing.used_ms >= standing.affordable_ms:
            return "final"
        is_low = standing.seconds_left < LOW_BALANCE_SECONDS
        first_time = is_low and not self._warned_low
        self._warned_low = is_low
        return "low_balance" if first_time else None
