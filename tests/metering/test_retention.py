"""Curves of how videos were watched, against a version that looks at every millisecond."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from murph.metering.retention import (
    MAX_BINS,
    MIN_LEARNERS,
    Curve,
    Layers,
    curve,
    edges_ms,
    seen_ms,
    told,
    trace,
)

DURATIONS = st.integers(1, 9_000)
Stretches = list[tuple[int, int]]


def stretches(highest: int = 9_500) -> st.SearchStrategy[Stretches]:
    """Stretches as evidence may have them: overlapping, unordered, empty, beyond the end."""
    ends = st.integers(0, highest)
    return st.lists(st.tuples(ends, ends), max_size=8)


CROWDS = st.lists(stretches(), max_size=12)


def naive_bins(watched: Stretches, edges: list[int]) -> list[tuple[int, int]]:
    """Return time seen and seen again of every bin, millisecond by millisecond."""
    times = Counter(at for begin, end in watched for at in range(begin, min(end, edges[-1])))
    return [
        (
            sum(times[at] > 0 for at in range(begin, end)),
            sum(max(0, times[at] - 1) for at in range(begin, end)),
        )
        for begin, end in pairwise(edges)
    ]


def unrolled(left: list[list[int]], bins: int) -> list[tuple[int, int]]:
    found = [(seen, again) for count, seen, again in left for _ in range(count)]
    return found + [(0, 0)] * (bins - len(found))


def shown_of(layers: Layers, edges: list[int]) -> Curve:
    return curve(layers, edges, layers.viewers)


def summed(crowd: list[Stretches], edges: list[int]) -> Layers:
    layers = Layers.empty(len(edges) - 1)
    layers.add(trace(watched, edges) for watched in crowd)
    return layers


@given(watched=stretches(), duration_ms=DURATIONS)
def test_a_trace_is_what_every_millisecond_says(watched: Stretches, duration_ms: int) -> None:
    edges = edges_ms(duration_ms)
    left = trace(watched, edges)

    assert unrolled(left, len(edges) - 1) == naive_bins(watched, edges)
    assert seen_ms(left) == sum(seen for seen, _ in naive_bins(watched, edges))


@given(crowd=CROWDS, duration_ms=DURATIONS)
def test_layers_are_what_every_millisecond_says(crowd: list[Stretches], duration_ms: int) -> None:
    edges = edges_ms(duration_ms)
    layers = summed(crowd, edges)
    naive = [naive_bins(watched, edges) for watched in crowd]

    for number in range(len(edges) - 1):
        assert layers.seen_ms[number] == sum(bins[number][0] for bins in naive)
        assert layers.repeated_ms[number] == sum(bins[number][1] for bins in naive)
        assert layers.learners[number] == sum(bins[number][0] > 0 for bins in naive)
    seen = [[number for number, (here, _) in enumerate(bins) if here] for bins in naive]
    furthest = Counter(max(numbers) for numbers in seen if numbers)
    assert layers.exits == [furthest[number] for number in range(len(edges) - 1)]
    assert layers.viewers == sum(map(bool, seen))


@given(crowd=CROWDS, late=stretches(), more=stretches(), duration_ms=DURATIONS)
def test_a_trace_that_changes_leaves_what_adding_up_from_the_start_gives(
    crowd: list[Stretches], late: Stretches, more: Stretches, duration_ms: int
) -> None:
    edges = edges_ms(duration_ms)
    layers = summed([*crowd, late], edges)
    layers.add([trace(late, edges)], -1)
    layers.add([trace([*late, *more], edges)])

    assert layers == summed([*crowd, [*late, *more]], edges)


@given(watched=stretches(), order=st.randoms(use_true_random=False))
def test_the_order_of_stretches_says_nothing(watched: Stretches, order: Any) -> None:
    edges, shuffled = edges_ms(9_000), list(watched)
    order.shuffle(shuffled)

    assert trace(shuffled, edges) == trace(watched, edges)


@given(duration_ms=st.integers(1, 86_400_000))
def test_bins_cover_a_video_without_gaps_and_are_at_most_200(duration_ms: int) -> None:
    edges = edges_ms(duration_ms)

    assert (edges[0], edges[-1]) == (0, duration_ms)
    assert 1 <= len(edges) - 1 <= MAX_BINS
    assert all(begin < end for begin, end in pairwise(edges))
    widths = [end - begin for begin, end in pairwise(edges)]
    assert len(set(widths[:-1])) <= 1
    assert widths[-1] <= widths[0]
    assert len(widths) == 1 or widths[0] >= 1_000


@given(crowd=st.lists(stretches(), max_size=30), duration_ms=DURATIONS)
def test_of_fewer_than_five_learners_nothing_is_told_nor_can_be_reckoned(
    crowd: list[Stretches], duration_ms: int
) -> None:
    edges = edges_ms(duration_ms)
    layers = summed(crowd, edges)
    shown = shown_of(layers, edges)

    for number, each in enumerate(shown.bins):
        told = (each.learners, each.viewers, each.repeats)
        assert (each.learners is None) == (layers.learners[number] < MIN_LEARNERS)
        assert (None in told) == (told == (None, None, None))
        near = range(max(0, number - 1), min(len(shown.bins), number + 2))
        if any(layers.learners[other] < MIN_LEARNERS for other in near):
            assert each.exits is None  # or one could tell who went on into the bin of few
    hidden = [layers.exits[number] for number, each in enumerate(shown.bins) if each.exits is None]
    # What all viewers less the exits that are shown leave is nobody, many, or all there is.
    assert not hidden or sum(hidden) >= MIN_LEARNERS or len(hidden) == len(shown.bins)
    assert shown.viewers is None or shown.viewers >= MIN_LEARNERS


@given(crowd=st.lists(stretches(), min_size=5, max_size=30), duration_ms=DURATIONS)
def test_markers_stand_at_the_greatest_changes_between_bins_that_are_shown(
    crowd: list[Stretches], duration_ms: int
) -> None:
    edges = edges_ms(duration_ms)
    shown = shown_of(summed(crowd, edges), edges)
    pairs = [(a, b) for a, b in pairwise(shown.bins) if a.viewers is not None and b.viewers is not None]
    falls = [round((a.viewers or 0) - (b.viewers or 0), 6) for a, b in pairs]
    views = [
        round((b.viewers or 0) + (b.repeats or 0) - (a.viewers or 0) - (a.repeats or 0), 6) for a, b in pairs
    ]

    for marker, changes in ((shown.drop, falls), (shown.spike, views)):
        greatest = max(changes, default=0)
        assert (marker is None) == (greatest <= 0)
        if marker:
            assert abs(marker.after - marker.before) == pytest.approx(greatest, abs=0.021)


def test_half_leave_in_the_middle_and_all_see_the_joke_again() -> None:
    edges = edges_ms(10_000)
    faithful = [[(0, 10_000), (7_000, 8_000)] for _ in range(5)]
    fickle = [[(0, 4_500)] for _ in range(5)]
    shown = shown_of(summed(faithful + fickle, edges), edges)

    assert [each.viewers for each in shown.bins] == [10, 10, 10, 10, 8, 5, 5, 5, 5, 5]
    assert [each.repeats for each in shown.bins] == [0, 0, 0, 0, 0, 0, 0, 5, 0, 0]
    assert [each.exits for each in shown.bins] == [0, 0, 0, 0, 5, 0, 0, 0, 0, 5]
    assert shown.viewers == 10
    assert shown.drop
    assert (shown.drop.at_ms, shown.drop.before, shown.drop.after) == (5_000, 8, 5)
    assert shown.spike
    assert (shown.spike.at_ms, shown.spike.before, shown.spike.after) == (7_000, 5, 10)


def test_where_only_four_went_on_the_exits_before_them_are_not_told_either() -> None:
    edges = edges_ms(10_000)
    shown = shown_of(summed([[(0, 6_000)]] * 6 + [[(0, 9_000)]] * 4, edges), edges)

    assert [each.learners for each in shown.bins] == [10] * 6 + [None] * 4
    assert [each.exits for each in shown.bins] == [0] * 5 + [None] * 5


def test_exits_are_hidden_so_far_around_a_gap_that_five_are_among_them() -> None:
    edges = edges_ms(10_000)
    head, tail, middle = (0, 3_000), (5_000, 10_000), (5_000, 7_000)
    shown = shown_of(summed([[head, tail]] * 10 + [[head, middle]] * 6 + [[head]], edges), edges)

    assert [each.learners for each in shown.bins] == [17] * 3 + [None] * 2 + [16] * 2 + [10] * 3
    # Only one of those who left around the gap did so before it: with six who left later they are seven.
    assert [each.exits for each in shown.bins] == [0, *[None] * 6, 0, 0, 10]


def test_learners_are_told_in_fives() -> None:
    assert [told(count) for count in (0, 1, 4, 5, 6, 9, 10, 77)] == [None, None, None, 5, 5, 5, 10, 75]


@given(
    first=st.lists(stretches(), max_size=30), more=st.lists(stretches(), max_size=12), duration_ms=DURATIONS
)
def test_no_bin_is_told_anew_for_fewer_than_five(
    first: list[Stretches], more: list[Stretches], duration_ms: int
) -> None:
    edges = edges_ms(duration_ms)
    before, after = summed(first, edges), summed([*first, *more], edges)
    shown, again = (shown_of(layers, edges).bins for layers in (before, before.renewed(after)))

    for number, (then, now) in enumerate(zip(shown, again, strict=True)):
        if then.learners is None or then.learners == now.learners:
            assert then.learners is None or (then.viewers, then.repeats) == (now.viewers, now.repeats)
        else:
            assert now.learners == after.learners[number]
            assert now.learners - then.learners >= MIN_LEARNERS


@given(first=st.lists(stretches(), max_size=30), more=st.lists(stretches(), max_size=12))
def test_a_curve_of_another_length_gives_way_only_to_one_that_five_more_saw_all_of(
    first: list[Stretches], more: list[Stretches]
) -> None:
    edges, longer = edges_ms(150_000), edges_ms(151_000)
    told_before, found = summed(first, edges), summed([*first, *more], longer)

    gained = [now - then for then, now in zip(told_before.learners, found.learners, strict=False) if then > 4]

    assert told_before.may_give_way(edges, found, longer) == all(many >= MIN_LEARNERS for many in gained)


def test_a_curve_gives_way_by_time_and_to_none_that_ends_before_it() -> None:
    edges, wider = edges_ms(200_000), edges_ms(400_000)
    shown, found = Layers.empty(200), Layers.empty(200)
    shown.learners[100] = 10
    found.learners[50] = 14
    assert not shown.may_give_way(edges, found, wider)
    found.learners[50] = 15
    assert shown.may_give_way(edges, found, wider)
    assert not shown.may_give_way(edges, summed([[(0, 100_000)]] * 20, edges_ms(100_000)), edges_ms(100_000))
