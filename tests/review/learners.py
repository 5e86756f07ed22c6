"""Honest learners and programs, as the meter records them: watched stretches of videos in milliseconds."""

from collections.abc import Callable
from random import Random

VIDEO_MS, HALF_MS = 600_000, 300_000
VIDEOS = ("video-a", "video-b", "video-c")
MARKS = dict.fromkeys(VIDEOS, (0, HALF_MS, VIDEO_MS))
"""Each video has two lectures."""
HARD_MS = 412_000
"""A moment of every video that people do not understand at once."""

Runs = dict[str, list[list[int]]]
Habit = Callable[[Random], list[list[int]]]


def straight(random: Random) -> list[list[int]]:
    """Watch from the beginning to the end, or nearly."""
    return [[0, VIDEO_MS - random.randint(0, 1_500)]]


def in_parts(random: Random) -> list[list[int]]:
    """Watch all of it, with pauses and visits on other days."""
    stops = sorted(random.randrange(5_000, VIDEO_MS - 5_000) for _ in range(random.randint(1, 6)))
    return [[begin, end] for begin, end in zip([0, *stops], [*stops, VIDEO_MS], strict=True)]


def by_lecture(random: Random) -> list[list[int]]:
    """Click on the lectures in the list, back and forth."""
    runs = []
    for _ in range(random.randint(4, 12)):
        begin = random.choice((0, HALF_MS))
        runs.append(
            [begin, begin + HALF_MS if random.random() < 0.5 else begin + random.randrange(8_000, 200_000)]
        )
    return runs


def by_key(random: Random) -> list[list[int]]:
    """Press a key that skips ten seconds, at one's own pace, from the beginning on."""
    pace, at, runs = random.choice((500, 700, 1_000, 2_000, 6_000, 12_000)), 0, []
    while at < VIDEO_MS - 30_000:
        lasted = max(200, round(random.gauss(pace, pace * 0.1)))
        runs.append([at, at + lasted])
        at += lasted + 10_000
    return runs


def back_by_key(random: Random) -> list[list[int]]:
    """Watch on, and jump back ten seconds where something was not understood: most at the hard moment."""
    stops = sorted(
        random.gauss(HARD_MS, 1_500) if random.random() < 0.5 else random.uniform(20_000, 590_000)
        for _ in range(10)
    )
    runs, at = [], 0
    for stop in (round(stop) for stop in stops):
        if stop > at:
            runs.append([at, stop])
            at = stop - 10_000
    return [*runs, [at, VIDEO_MS]]


def by_mouse(random: Random) -> list[list[int]]:
    """Drag the seek bar, whose pixels are a second each, to here and there and to the hard moment."""
    runs = []
    for _ in range(random.randint(3, 12)):
        begin = round(
            random.gauss(HARD_MS, 3_000) if random.random() < 0.3 else random.uniform(0, 580_000), -3
        )
        runs.append([int(begin), min(VIDEO_MS, int(begin) + 5_000 * random.randint(1, 20))])
    return runs


HABITS: tuple[Habit, ...] = (straight, in_parts, by_lecture, by_key, back_by_key, by_mouse)


def watched(habit: Habit, random: Random) -> Runs:
    """Return what somebody with this habit watched of the three videos, as exactly as players report it."""
    return {video: [_reported(run, random) for run in habit(random)] for video in VIDEOS}


def _reported(run: list[int], random: Random) -> list[int]:
    begin = max(0, run[0] + random.randint(-40, 40))
    return [begin, min(VIDEO_MS, max(begin + 100, run[1] + random.randint(-40, 40)))]


def played_by_program(script: Runs, random: Random, *, late_ms: int = 60) -> Runs:
    """Return what a program that plays a script reports, each time a little differently."""

    def shifted(at: int) -> int:
        return max(0, at + random.randint(-late_ms, late_ms))

    return {video: [[shifted(begin), shifted(end)] for begin, end in runs] for video, runs in script.items()}
