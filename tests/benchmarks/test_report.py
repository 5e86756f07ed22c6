from collections.abc import Sequence

import pytest

from benchmarks.plot import Panel, draw
from benchmarks.report import Goal, Runs


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        (Goal("speed", [0.6, 0.7, 0.8], at_least=0.7), "reached"),
        (Goal("speed", [0.5, 0.63, 0.8], at_least=0.7), "MISSED by 10%"),
        (Goal("delay", [900, 1200, 1300], at_most=1000), "MISSED by 20%"),
        (Goal("lost", [0, 0, 3], at_most=0, every=True, form=".0f"), "MISSED by 3"),
        (Goal("exact", [2, 2], at_least=2, at_most=2, every=True), "reached"),
        (Goal("exact", [1, 2], at_least=2, at_most=2, every=True), "MISSED by 50%"),
    ],
)
def test_a_missed_goal_says_by_how_much(goal: Goal, verdict: str) -> None:
    assert goal.verdict == verdict


def test_ratios_are_taken_between_runs_that_stood_next_to_each_other() -> None:
    runs = Runs()
    for figure, speeds in (("ours", (10.0, 30.0)), ("theirs", (5.0, 10.0))):
        for speed in speeds:
            runs.note(figure, {"speed": speed})
    assert runs.ratios("ours", "theirs", "speed") == [2.0, 3.0]


@pytest.mark.parametrize("values", [[0.0], [1.0, 5.0, 2.0]])
def test_bars_stay_on_the_sheet(values: Sequence[float]) -> None:
    sheet = draw([Panel("Empty", []), Panel("A < B", [("one", values)], goal=4)])
    assert "A &lt; B" in sheet
    assert "Empty" not in sheet
    assert "nan" not in sheet
