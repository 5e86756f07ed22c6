"""However a network delivers ticks, and whatever a client does to them, nobody is credited more for it."""

from dataclasses import dataclass

from hypothesis import assume, given
from hypothesis import strategies as st

from murph.metering.credit import CARRY_LIMIT_MS, Meter, PlayState, is_replay, open_meter, take_tick

UNLIMITED_MS = 10**9
PLAYING, PAUSED = PlayState.PLAYING, PlayState.PAUSED


@dataclass(frozen=True)
class Sent:
    """A tick with the moment at which it arrives."""

    at_ms: int
    seq: int
    played_ms: int
    state: PlayState


def delivered(ticks: list[Sent], *, affordable_ms: int = UNLIMITED_MS) -> Meter:
    """Return the meter after these arrivals, with numbers that were seen left alone, as sockets do it."""
    meter = open_meter(base_ms=0, affordable_ms=affordable_ms, now_ms=0)
    for tick in ticks:
        before_ms = meter.credit_ms
        if not is_replay(meter, seq=tick.seq):
            take_tick(meter, seq=tick.seq, played_ms=tick.played_ms, state=tick.state, now_ms=tick.at_ms)
        assert before_ms <= meter.credit_ms <= tick.at_ms  # never taken back, never more than real time
        assert meter.used_ms <= affordable_ms
    return meter


@st.composite
def truths(draw: st.DrawFn) -> list[Sent]:
    """Return what an honest player says, arriving as it is said; a tick marks every change."""
    now_ms, played_ms, is_playing = 0, 0, True
    ticks = []
    steps = st.lists(st.tuples(st.integers(1, 20_000), st.booleans()), min_size=1, max_size=30)
    for seq, (length_ms, plays_next) in enumerate(draw(steps)):
        now_ms += length_ms
        played_ms += length_ms if is_playing else 0
        ticks.append(Sent(now_ms, seq, played_ms, PLAYING if plays_next else PAUSED))
        is_playing = plays_next
    return ticks


@st.composite
def claims(draw: st.DrawFn) -> list[Sent]:
    """Return whatever a client may say, true or not."""
    steps = st.tuples(
        st.integers(0, 40_000), st.integers(0, 40), st.integers(0, 400_000), st.sampled_from(PlayState)
    )
    now_ms, ticks = 0, []
    for length_ms, seq, played_ms, state in draw(st.lists(steps, max_size=30)):
        now_ms += length_ms
        ticks.append(Sent(now_ms, seq, played_ms, state))
    return ticks


@given(truths(), st.data())
def test_ticks_of_an_honest_player_in_any_order_with_any_lost_never_come_to_more_than_it_played(
    truth: list[Sent], data: st.DataObject
) -> None:
    """The moments of arrival stay; what arrives at each of them is any of the ticks, or one again."""
    others = data.draw(st.lists(st.sampled_from(truth), min_size=len(truth), max_size=len(truth)))
    mixed = [
        Sent(moment.at_ms, tick.seq, tick.played_ms, tick.state)
        for moment, tick in zip(truth, others, strict=True)
        if tick.at_ms <= moment.at_ms  # nothing arrives before it was said
    ]
    assert delivered(mixed).credit_ms <= delivered(truth).credit_ms == truth[-1].played_ms


@given(truths(), st.data())
def test_a_permutation_of_the_claims_never_comes_to_more_than_the_claims_in_their_order(
    truth: list[Sent], data: st.DataObject
) -> None:
    """Also when a client says early what it will only have played later."""
    mixed = [
        Sent(moment.at_ms, tick.seq, tick.played_ms, PLAYING)
        for moment, tick in zip(truth, data.draw(st.permutations(truth)), strict=True)
    ]
    in_order = [Sent(tick.at_ms, tick.seq, tick.played_ms, PLAYING) for tick in truth]
    assert delivered(mixed).credit_ms <= delivered(in_order).credit_ms


@given(claims(), st.data())
def test_whatever_was_said_before_changes_nothing_when_it_comes_again(
    said: list[Sent], data: st.DataObject
) -> None:
    """Copies of taken ticks, and altered ones that only bear a number that was seen."""
    with_copies: list[Sent] = []
    highest = -1
    for tick in said:
        with_copies.append(tick)
        highest = max(highest, tick.seq)
        for _ in range(data.draw(st.integers(0, 2))):
            claim_ms = data.draw(st.integers(0, 86_400_000))
            seq, state = data.draw(st.integers(0, highest)), data.draw(st.sampled_from(PlayState))
            with_copies.append(Sent(tick.at_ms, seq, claim_ms, state))
    assert delivered(with_copies) == delivered(said)


@given(claims(), st.data())
def test_a_tick_more_in_between_never_raises_the_credit(said: list[Sent], data: st.DataObject) -> None:
    """A claim told in two parts: the first part earlier, and less than the whole."""
    said = [Sent(tick.at_ms, 2 * n, tick.played_ms, tick.state) for n, tick in enumerate(said)]
    assume(said)
    place = data.draw(st.integers(0, len(said) - 1))
    begins_ms = said[place - 1].at_ms if place else 0
    state = said[place - 1].state if place else PLAYING
    part = Sent(
        at_ms=data.draw(st.integers(begins_ms, said[place].at_ms)),
        seq=2 * place - 1,
        played_ms=data.draw(st.integers(0, said[place].played_ms)),
        state=state,
    )
    assert delivered([*said[:place], part, *said[place:]]).credit_ms <= delivered(said).credit_ms


@given(truths(), st.data())
def test_an_honest_player_loses_nothing_by_ticking_more_often(truth: list[Sent], data: st.DataObject) -> None:
    parts: list[Sent] = []
    begun_ms, played_ms, state = 0, 0, PLAYING
    for number, tick in enumerate(truth):
        between_ms = data.draw(st.integers(begun_ms, tick.at_ms))
        so_far_ms = played_ms + (between_ms - begun_ms if state is PLAYING else 0)
        parts += [
            Sent(between_ms, 2 * number, so_far_ms, state),
            Sent(tick.at_ms, 2 * number + 1, tick.played_ms, tick.state),
        ]
        begun_ms, played_ms, state = tick.at_ms, tick.played_ms, tick.state
    assert delivered(parts).credit_ms == truth[-1].played_ms


@given(
    st.lists(
        st.tuples(st.integers(1, 20_000), st.integers(0, CARRY_LIMIT_MS), st.booleans()),
        min_size=1,
        max_size=30,
    )
)
def test_an_honest_player_that_plays_on_is_credited_all_it_could_tell_through_any_stall(
    steps: list[tuple[int, int, bool]],
) -> None:
    """Each tick is under way for up to thirty seconds, may overtake others, or is lost."""
    now_ms, arrivals = 0, []
    for seq, (length_ms, under_way_ms, is_lost) in enumerate(steps):
        now_ms += length_ms
        if not is_lost:
            arrivals.append(Sent(now_ms + under_way_ms, seq, now_ms, PLAYING))
    arrivals.sort(key=lambda tick: tick.at_ms)
    gaps = [0, *(tick.played_ms for tick in arrivals)]
    untold_ms = max((tick.at_ms - max(gaps[: n + 1]) for n, tick in enumerate(arrivals)), default=0)
    assume(untold_ms <= CARRY_LIMIT_MS)
    assert delivered(arrivals).credit_ms == max(gaps)


@given(claims(), st.integers(0, 100_000))
def test_a_lock_is_spent_to_the_last_millisecond_and_no_further(said: list[Sent], affordable_ms: int) -> None:
    unlimited, limited = delivered(said), delivered(said, affordable_ms=affordable_ms)
    assert limited.credit_ms <= min(affordable_ms, unlimited.credit_ms)
    assert limited.is_exhausted == (limited.credit_ms == affordable_ms)


@given(st.lists(claims(), max_size=5))
def test_the_connections_of_a_session_together_never_come_to_more_than_their_real_time(
    connections: list[list[Sent]],
) -> None:
    """Each begins where the one before was durable, with a clock of its own."""
    base_ms = open_ms = 0
    for said in connections:
        meter = open_meter(base_ms=base_ms, affordable_ms=UNLIMITED_MS, now_ms=0)
        for tick in said:
            if not is_replay(meter, seq=tick.seq):
                take_tick(meter, seq=tick.seq, played_ms=tick.played_ms, state=tick.state, now_ms=tick.at_ms)
        base_ms, open_ms = meter.used_ms, open_ms + meter.last_ms
        assert base_ms <= open_ms
