"""The credit rule: what honest players get, and what claims cannot get."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from murph.metering.credit import CARRY_LIMIT_MS, Meter, PlayState, is_replay, open_meter, take_tick

UNLIMITED_MS = 10**9
PLAYING, PAUSED, BUFFERING, ENDED = PlayState


@dataclass(frozen=True)
class T:
    """A tick: when it arrives, and what it says."""

    at_ms: int
    played_ms: int
    state: PlayState = PLAYING


def run(ticks: list[T], *, affordable_ms: int = UNLIMITED_MS, base_ms: int = 0) -> Meter:
    meter = open_meter(base_ms=base_ms, affordable_ms=affordable_ms, now_ms=0)
    for seq, tick in enumerate(ticks):
        take_tick(meter, seq=seq, played_ms=tick.played_ms, state=tick.state, now_ms=tick.at_ms)
    return meter


def test_an_honest_player_is_credited_what_it_played() -> None:
    assert run([T(5_000, 5_000), T(10_000, 10_000), T(15_000, 15_000)]).used_ms == 15_000


def test_credit_goes_on_from_what_was_durable_before() -> None:
    assert run([T(5_000, 5_000)], base_ms=60_000).used_ms == 65_000


def test_an_hour_claimed_after_five_seconds_is_five_seconds() -> None:
    meter = run([T(5_000, 3_600_000)])
    assert meter.used_ms == 5_000


def test_a_lost_tick_is_caught_up_by_the_next_one() -> None:
    assert run([T(5_000, 5_000), T(15_000, 15_000)]).used_ms == 15_000


def test_a_stall_followed_by_a_burst_is_credited_in_full_and_is_no_strike() -> None:
    meter = open_meter(base_ms=0, affordable_ms=UNLIMITED_MS, now_ms=0)
    late = [
        take_tick(meter, seq=n, played_ms=5_000 * n, state=PLAYING, now_ms=25_000 + n) for n in range(1, 6)
    ]
    assert meter.used_ms == 25_000
    assert not any(credit.is_strike for credit in late)


def test_time_not_claimed_is_kept_for_thirty_seconds_only() -> None:
    meter = run([T(100_000, 0), T(100_001, 100_000)])
    assert meter.used_ms == CARRY_LIMIT_MS + 1


def test_a_pause_is_free_and_begins_with_the_tick_that_says_so() -> None:
    meter = run([T(5_000, 5_000, PAUSED), T(65_000, 5_000, PLAYING), T(70_000, 10_000)])
    assert meter.used_ms == 10_000


def test_claims_during_a_pause_earn_nothing() -> None:
    meter = run([T(5_000, 5_000, PAUSED), T(65_000, 65_000, PAUSED)])
    assert meter.used_ms == 5_000


def test_buffering_and_ended_count_like_a_pause() -> None:
    for state in (BUFFERING, ENDED):
        assert run([T(5_000, 5_000, state), T(30_000, 30_000)]).used_ms == 5_000


def test_a_decreasing_claim_changes_nothing() -> None:
    assert run([T(5_000, 5_000), T(10_000, 2_000)]).used_ms == 5_000


def test_credit_stops_exactly_at_what_is_affordable() -> None:
    meter = run([T(5_000, 5_000), T(10_000, 10_000)], affordable_ms=7_000)
    assert meter.used_ms == 7_000
    assert meter.is_exhausted


def test_a_claim_two_seconds_beyond_the_clock_is_a_strike() -> None:
    meter = open_meter(base_ms=0, affordable_ms=UNLIMITED_MS, now_ms=0)
    within = take_tick(meter, seq=0, played_ms=7_000, state=PLAYING, now_ms=5_000)
    beyond = take_tick(meter, seq=1, played_ms=14_001, state=PLAYING, now_ms=10_000)
    assert (within.is_strike, beyond.is_strike) == (False, True)


def test_a_number_that_was_seen_is_a_replay() -> None:
    meter = run([T(5_000, 5_000), T(10_000, 10_000)])
    assert [is_replay(meter, seq=n) for n in (0, 1, 2)] == [True, True, False]


HONEST = st.lists(st.tuples(st.integers(1, 20_000), st.booleans()), min_size=1, max_size=40)


@given(HONEST)
def test_an_honest_player_loses_nothing_and_gains_nothing(steps: list[tuple[int, bool]]) -> None:
    """Plays and pauses as it says; a tick marks every change."""
    now_ms = played_ms = 0
    is_playing, ticks = True, []
    for length_ms, plays_next in steps:
        now_ms += length_ms
        played_ms += length_ms if is_playing else 0
        ticks.append(T(now_ms, played_ms, PLAYING if plays_next else PAUSED))
        is_playing = plays_next
    assert run(ticks).used_ms == played_ms


CLAIMS = st.lists(
    st.tuples(st.integers(0, 40_000), st.integers(0, 86_400_000), st.sampled_from(list(PlayState))),
    max_size=40,
)


@given(CLAIMS)
def test_credit_never_exceeds_real_time_spent_playing(claims: list[tuple[int, int, PlayState]]) -> None:
    now_ms = playing_ms = 0
    state, ticks = PLAYING, []
    for length_ms, claim_ms, next_state in claims:
        now_ms += length_ms
        playing_ms += length_ms if state is PLAYING else 0
        ticks.append(T(now_ms, claim_ms, next_state))
        state = next_state
    assert 0 <= run(ticks).used_ms <= playing_ms


@given(CLAIMS)
def test_credit_never_exceeds_the_highest_claim(claims: list[tuple[int, int, PlayState]]) -> None:
    now_ms, ticks = 0, []
    for length_ms, claim_ms, state in claims:
        now_ms += length_ms
        ticks.append(T(now_ms, claim_ms, state))
    assert run(ticks).used_ms <= max((tick.played_ms for tick in ticks), default=0)
