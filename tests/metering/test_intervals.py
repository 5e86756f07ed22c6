"""Watched stretches: what they cover, and that they never cover more than was credited."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from murph.metering.intervals import Interval, Watched, clip, length_ms, shortened, union

HOUR_MS = 3_600_000


def add(watched: Watched, *, delta_ms: int, position_ms: int | None, rate: float = 1.0) -> None:
    watched.add(video_id="v", duration_ms=HOUR_MS, delta_ms=delta_ms, rate=rate, position_ms=position_ms)


def test_a_tick_covers_the_time_just_credited_at_its_speed() -> None:
    watched = Watched()
    add(watched, delta_ms=5_000, position_ms=20_000, rate=2.0)
    assert watched.runs == {"v": [(10_000, 20_000)]}


def test_a_seek_begins_a_new_run() -> None:
    watched = Watched()
    add(watched, delta_ms=5_000, position_ms=5_000)
    add(watched, delta_ms=5_000, position_ms=900_000)
    assert watched.runs["v"] == [(0, 5_000), (895_000, 900_000)]


def test_without_a_position_the_run_goes_on() -> None:
    watched = Watched()
    add(watched, delta_ms=5_000, position_ms=None)
    add(watched, delta_ms=5_000, position_ms=None)
    assert watched.runs["v"] == [(0, 10_000)]


def test_without_a_position_the_first_run_begins_at_the_named_lecture() -> None:
    watched = Watched()
    watched.add(
        video_id="v", duration_ms=HOUR_MS, delta_ms=1_000, rate=1.0, position_ms=None, start_ms=60_000
    )
    assert watched.runs["v"] == [(60_000, 61_000)]


def test_nothing_is_recorded_outside_the_video() -> None:
    watched = Watched()
    add(watched, delta_ms=5_000, position_ms=2_000)
    add(watched, delta_ms=5_000, position_ms=HOUR_MS + 2_000)
    assert watched.runs["v"] == [(0, 2_000), (HOUR_MS - 3_000, HOUR_MS)]


def test_watching_a_stretch_again_is_kept_as_a_second_run() -> None:
    watched = Watched()
    add(watched, delta_ms=5_000, position_ms=5_000)
    add(watched, delta_ms=5_000, position_ms=5_000)
    assert watched.runs["v"] == [(0, 5_000), (0, 5_000)]


TICKS = st.lists(
    st.tuples(st.integers(0, 30_000), st.none() | st.integers(0, HOUR_MS), st.sampled_from([0.25, 1.0, 2.0])),
    max_size=30,
)


@given(TICKS)
def test_no_more_is_recorded_than_twice_what_was_credited(ticks: list[tuple[int, int | None, float]]) -> None:
    watched = Watched()
    for delta_ms, position_ms, rate in ticks:
        add(watched, delta_ms=delta_ms, position_ms=position_ms, rate=rate)
    recorded_ms = sum(end - begin for begin, end in watched.runs.get("v", []))
    assert recorded_ms <= 2 * sum(delta_ms for delta_ms, _, _ in ticks)


INTERVALS = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 50)).map(lambda p: (p[0], p[0] + p[1])))


@given(INTERVALS)
def test_the_union_covers_each_millisecond_once(intervals: list[Interval]) -> None:
    covered = {ms for begin, end in intervals for ms in range(begin, end)}
    merged = union(intervals)
    assert length_ms(merged) == len(covered)
    assert merged == sorted(merged)


@given(INTERVALS, st.integers(0, 200), st.integers(1, 60))
def test_a_clip_is_what_lies_inside(intervals: list[Interval], start_ms: int, size_ms: int) -> None:
    end_ms = start_ms + size_ms
    inside = {ms for begin, end in intervals for ms in range(begin, end) if start_ms <= ms < end_ms}
    assert length_ms(clip(union(intervals), start_ms=start_ms, end_ms=end_ms)) == len(inside)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500))), st.fractions(0, 1))
def test_a_shortened_run_keeps_its_beginning_and_its_share(pairs: list[Interval], share: Fraction) -> None:
    runs = {"v": [(begin, begin + size) for begin, size in pairs]}
    kept = shortened(runs, share=share).get("v", [])
    assert sum(end - begin for begin, end in kept) == int(share * sum(size for _, size in pairs))
    assert all(
        begin == known[0] and end <= known[1] for (begin, end), known in zip(kept, runs["v"], strict=False)
    )
