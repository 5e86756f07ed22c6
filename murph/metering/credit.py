"""The credit rule: how much of what a player claims was really watched.

Two bounds hold every claim: real time since the connection opened, and time not yet used since the
last message. Both come from the server's monotonic clock; the player's numbers can only lower them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

CARRY_LIMIT_MS = 30_000
STRIKE_TOLERANCE_MS = 2_000


class PlayState(StrEnum):
    """What a player says it is doing; only PLAYING earns credit."""

    PLAYING = "playing"
    PAUSED = "paused"
    BUFFERING = "buffering"
    ENDED = "ended"


@dataclass(slots=True)
class Meter:
    """The meter of one connection (one epoch), running since `opened_ms`.

    All `_ms` of moments are on one monotonic clock. `base_ms` was durable before this connection;
    `affordable_ms` bounds the session's total.
    """

    base_ms: int
    affordable_ms: int
    opened_ms: int
    last_ms: int
    last_seq: int = -1
    played_ms: int = 0
    paused_ms: int = 0
    credit_ms: int = 0
    carry_ms: int = 0
    state: PlayState = PlayState.PLAYING

    @property
    def used_ms(self) -> int:
        """Return the session's credited total."""
        return self.base_ms + self.credit_ms

    @property
    def is_exhausted(self) -> bool:
        """Tell whether every affordable millisecond has been credited."""
        return self.used_ms >= self.affordable_ms


class Credit(NamedTuple):
    """What one tick earned, and whether it claimed more time than had passed."""

    delta_ms: int
    is_strike: bool


def open_meter(*, base_ms: int, affordable_ms: int, now_ms: int) -> Meter:
    """Return a meter that starts to run at `now_ms` from the durable total `base_ms`."""
    return Meter(base_ms=base_ms, affordable_ms=affordable_ms, opened_ms=now_ms, last_ms=now_ms)


def is_replay(meter: Meter, *, seq: int) -> bool:
    """Tell whether a tick with this number was already taken; it must not be credited again."""
    return seq <= meter.last_seq


def take_tick(meter: Meter, *, seq: int, played_ms: int, state: PlayState, now_ms: int) -> Credit:
    """Credit a tick that is not a replay and return what it earned.

    `played_ms` is the player's cumulative claim since the connection opened. The time before this
    tick is judged by the previous tick's state; its own state counts from `now_ms` on.
    """
    elapsed_ms = now_ms - meter.last_ms
    if meter.state is not PlayState.PLAYING:
        meter.paused_ms += elapsed_ms
        elapsed_ms = 0
    fresh_ms = elapsed_ms + meter.carry_ms
    # Carry counts here too: after a stall an honest player's ticks arrive together.
    is_strike = played_ms - meter.played_ms > fresh_ms + STRIKE_TOLERANCE_MS
    delta_ms = _credited(meter, played_ms=played_ms, fresh_ms=fresh_ms, now_ms=now_ms)
    meter.credit_ms += delta_ms
    meter.carry_ms = min(CARRY_LIMIT_MS, fresh_ms - delta_ms)
    meter.last_ms, meter.last_seq, meter.state = now_ms, seq, state
    meter.played_ms = max(meter.played_ms, played_ms)
    return Credit(delta_ms=delta_ms, is_strike=is_strike)


def _credited(meter: Meter, *, played_ms: int, fresh_ms: int, now_ms: int) -> int:
    wall_ms = now_ms - meter.opened_ms - meter.paused_ms
    return max(
        0,
        min(
            played_ms - meter.credit_ms,
            wall_ms - meter.credit_ms,
            fresh_ms,
            meter.affordable_ms - meter.used_ms,
        ),
    )
