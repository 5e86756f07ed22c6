"""What one connected player is credited, forgiven and ended for."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from murph.core import clock
from murph.metering.credit import PlayState
from murph.session.messages import Tick
from murph.session.player import MAX_STRIKES, Player
from murph.session.service import Claim

MINUTE_MS = 60_000


class Stopped:
    """A clock that a test moves on."""

    ms = 1_000_000

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic_ms(self) -> int:
        return self.ms


@pytest.fixture
def stopped() -> Iterator[Stopped]:
    """The clock of the test."""
    stopped = Stopped()
    before = clock.use(stopped)
    yield stopped
    clock.use(before)


@pytest.fixture
def player(stopped: Stopped) -> Player:
    """A player that has just become ready, with ten minutes to watch."""
    claim = Claim(
        session_id=uuid4(),
        epoch=1,
        used_ms=0,
        wall_ms=0,
        affordable_ms=10 * MINUTE_MS,
        price_per_minute_minor=300,
        locked_minor=3_000,
        idle_ms=None,
        durations_ms={"video": 60 * MINUTE_MS},
    )
    return Player(claim, currency="INR", wake=lambda: None, offer=lambda _: True)


def tick(player: Player, played_ms: int, state: PlayState = PlayState.PLAYING) -> int:
    """Let a player tell how long it has played; return what it has been credited."""
    seq = player.meter.last_seq + 1
    row, _ = player.take(
        Tick(seq=seq, played_ms=played_ms, state=state, video_id=None, position_ms=None, rate=1)
    )
    return row.used_ms


def test_who_stops_when_told_so_gets_no_strike_however_often(player: Player, stopped: Stopped) -> None:
    played_ms = 0
    for _ in range(2 * MAX_STRIKES):
        player.suspend()
        stopped.ms, played_ms = stopped.ms + 3_500, played_ms + 3_500
        tick(player, played_ms, PlayState.PAUSED)
        player.resume()
        tick(player, played_ms)
    assert (player.strikes, player.meter.used_ms) == (0, 0)


def test_the_pause_may_be_heard_of_when_the_database_is_back_already(
    player: Player, stopped: Stopped
) -> None:
    player.suspend()
    player.resume()
    stopped.ms += 3_500
    assert tick(player, 3_500, PlayState.PAUSED) == 0
    assert player.strikes == 0


def test_what_is_impossible_is_a_strike_again_from_the_second_tick_after_a_suspension(
    player: Player, stopped: Stopped
) -> None:
    player.suspend()
    player.resume()
    stopped.ms += 3_500
    tick(player, 3_500)
    tick(player, 3_600_000)
    assert player.strikes == 1


def test_an_end_for_idleness_that_was_put_off_is_forgotten_by_who_resumed(
    player: Player, stopped: Stopped
) -> None:
    tick(player, 0, PlayState.PAUSED)
    stopped.ms += 15 * MINUTE_MS
    player.pending_end = "idle"
    assert player.end_still_due() == "idle"
    tick(player, 0)
    assert player.end_still_due() is None


def test_an_end_of_the_money_that_was_put_off_is_forgotten_by_who_extended(
    player: Player, stopped: Stopped
) -> None:
    stopped.ms += 10 * MINUTE_MS
    tick(player, 10 * MINUTE_MS)
    player.pending_end = "funds_exhausted"
    assert player.end_still_due() == "funds_exhausted"
    player.raise_limit(affordable_ms=11 * MINUTE_MS, locked_minor=3_300)
    assert player.end_still_due() is None


def test_a_suspension_of_any_length_makes_nobody_idle(player: Player, stopped: Stopped) -> None:
    player.suspend()
    tick(player, 0, PlayState.PAUSED)
    stopped.ms += 16 * MINUTE_MS
    tick(player, 0, PlayState.PAUSED)
    player.resume()
    assert not player.is_idle(stopped.ms)
    player.row()
    stopped.ms += 15 * MINUTE_MS
    assert player.is_idle(stopped.ms)  # for this pause is the player's own


def test_an_end_that_the_student_asked_for_stays_due(player: Player) -> None:
    player.pending_end = "user"
    tick(player, 0)
    assert player.end_still_due() == "user"
