"""Programs that play one script look alike; people who merely do the same do not."""

import os
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from murph.core.ids import new_id
from murph.review.fraud import Point, Trace, lookalikes, points
from tests.review.learners import (
    HABITS,
    MARKS,
    VIDEO_MS,
    Habit,
    Runs,
    by_mouse,
    played_by_program,
    straight,
    watched,
)

SCRIPT: Runs = {
    "video-a": [
        [7_310, 44_120],
        [91_450, 140_030],
        [183_777, 229_001],
        [377_140, 420_050],
        [501_900, 560_400],
    ],
    "video-b": [[33_100, 71_900], [120_650, 170_880]],
}


HOUR_MS = 3_600_000


def found_in(runs: Runs, *, at_ms: int = 0) -> list[Point]:
    """The moments of what was watched then."""
    return points({video: [(a, b, at_ms) for a, b in stretches] for video, stretches in runs.items()}, MARKS)


def trace(runs: Runs, student: UUID | None = None, *, at_ms: int = 0) -> Trace:
    return Trace(new_id(), student or new_id(), found_in(runs, at_ms=at_ms))


def test_of_two_accounts_that_play_one_script_the_later_one_is_marked() -> None:
    random = Random(1)
    first, second = (trace(played_by_program(SCRIPT, random), at_ms=hour * HOUR_MS) for hour in range(2))
    for order in ([first, second], [second, first]):
        found = lookalikes(order)
        assert set(found) == {second.review_id}
        assert found[second.review_id].multiplier == 0
        assert found[second.review_id].facts == {"review_id": str(first.review_id)}


def test_of_two_in_one_minute_it_is_always_the_same_one() -> None:
    first, second = trace(SCRIPT), trace(SCRIPT)
    assert set(lookalikes([first, second])) == set(lookalikes([second, first])) == {second.review_id}


def test_who_looked_in_early_and_played_a_critics_moments_afterwards_is_the_copy() -> None:
    critic = trace(SCRIPT, at_ms=HOUR_MS)
    begun = points({"video-c": [(33_333, 77_777, 0)]}, MARKS)
    copy = Trace(new_id(), new_id(), [*found_in(SCRIPT, at_ms=2 * HOUR_MS), *begun])
    assert set(lookalikes([copy, critic])) == {copy.review_id}


def test_a_jump_is_of_when_it_was_made_and_a_stop_of_when_it_came() -> None:
    in_two_minutes = [(7_310, 44_120, HOUR_MS), (44_120, 91_450, HOUR_MS + 60_000)]
    assert [(point.is_jump, point.done_ms) for point in points({"video-a": in_two_minutes}, MARKS)] == [
        (True, HOUR_MS),
        (False, HOUR_MS + 60_000),
    ]


def test_of_a_ring_all_but_the_first_are_found_among_many_honest_people() -> None:
    random = Random(2)
    honest = [trace(watched(random.choice(HABITS), random)) for _ in range(300)]
    ring = [trace(played_by_program(SCRIPT, random), at_ms=hour * HOUR_MS) for hour in range(40)]
    mixed = [*honest, *ring]
    random.shuffle(mixed)
    assert set(lookalikes(mixed)) == {each.review_id for each in ring[1:]}


def test_a_script_is_recognised_though_its_accounts_go_on_differently() -> None:
    random = Random(3)
    ring = []
    for _ in range(2):
        runs = played_by_program(SCRIPT, random)
        runs["video-c"] = by_mouse(random)
        ring.append(trace(runs))
    assert len(lookalikes(ring)) == 1


def test_one_student_is_like_themselves() -> None:
    student = new_id()
    assert lookalikes([trace(SCRIPT, student), trace(SCRIPT, student)]) == {}


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.__name__)
def test_honest_people_of_one_habit_do_not_look_alike(habit: Habit) -> None:
    random = Random(habit.__name__)
    count = 3_000 if os.environ.get("MURPH_TORTURE") == "1" else 400
    crowd = [trace(watched(habit, random)) for _ in range(count)]
    assert lookalikes(crowd) == {}


def test_whoever_watches_all_of_it_once_leaves_nothing_to_compare() -> None:
    assert found_in(watched(straight, Random(4))) == []


def test_a_pause_a_lost_connection_and_the_next_visit_are_no_decisions() -> None:
    runs = {"video-a": [[0, 100_000], [99_600, 200_000], [201_500, 300_900], [300_900, VIDEO_MS]]}
    assert found_in(runs) == []


def test_videos_that_left_the_course_are_left_out() -> None:
    assert found_in({"gone": [[7_310, 44_120]]}) == []


def test_a_step_back_or_forth_by_a_button_is_no_place_somebody_chose() -> None:
    runs = {"video-a": [[0, 51_234], [41_234, 90_000], [120_000, 170_500]]}
    assert [(point.at_ms, point.is_jump) for point in found_in(runs)] == [
        (51_234, False),
        (90_000, False),
        (170_500, False),
    ]


@settings(max_examples=25)
@given(st.integers(0, 140), st.integers(0, 1_000_000))
def test_a_script_is_found_however_its_moments_fall_into_cells(late_ms: int, seed: int) -> None:
    random = Random(seed)
    moved = {video: [[a + seed % 301, b + seed % 301] for a, b in runs] for video, runs in SCRIPT.items()}
    ring = [trace(played_by_program(moved, random, late_ms=late_ms)) for _ in range(3)]
    assert len(lookalikes(ring)) == 2


def test_moments_further_apart_than_the_tolerance_are_not_the_same() -> None:
    moved = {video: [[begin + 301, end + 301] for begin, end in runs] for video, runs in SCRIPT.items()}
    assert lookalikes([trace(SCRIPT), trace(moved)]) == {}
