"""What a review's author knows: every property of the published formula, and its worked examples."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from murph.review.credibility import Evidence, Runs, credibility, gather

CLOSE = 1e-12
"""What sums of floats may be off by."""
STARS = st.integers(1, 5)
many = settings(max_examples=settings().max_examples * 5 // 2)
"""With nine properties over 1 000 random cases, and 45 000 of them in the torture."""


@dataclass(frozen=True)
class Visit:
    """A session: stretches of videos by the videos' number, played at one speed."""

    stretches: tuple[tuple[int, int, int], ...]
    speed: float

    @property
    def runs(self) -> Runs:
        found: dict[str, list[tuple[int, int]]] = {}
        for video, begin, end in self.stretches:
            found.setdefault(str(video), []).append((begin, end))
        return found

    @property
    def used_ms(self) -> int:
        return round(sum(end - begin for _, begin, end in self.stretches) / self.speed)


@dataclass(frozen=True)
class Story:
    """Who watched what of which course."""

    lengths_ms: tuple[int, ...]
    visits: tuple[Visit, ...]

    @property
    def evidence(self) -> Evidence:
        lengths = {str(number): length for number, length in enumerate(self.lengths_ms)}
        return gather(lengths, [(visit.runs, visit.used_ms) for visit in self.visits])

    def worth(self, rating: int) -> float:
        return credibility(self.evidence, rating=rating).value


@st.composite
def visits(draw: Any, lengths_ms: tuple[int, ...]) -> Visit:
    stretches = []
    for _ in range(draw(st.integers(1, 4))):
        video = draw(st.integers(0, len(lengths_ms) - 1))
        begin = draw(st.integers(0, lengths_ms[video] - 1))
        stretches.append((video, begin, draw(st.integers(begin + 1, lengths_ms[video]))))
    return Visit(tuple(stretches), draw(st.sampled_from((0.5, 1.0, 1.5, 2.0))))


@st.composite
def stories(draw: Any, *, least_visits: int = 0) -> Story:
    lengths = tuple(draw(st.lists(st.integers(1_000, 5_000_000), min_size=1, max_size=6)))
    return Story(lengths, tuple(draw(st.lists(visits(lengths), min_size=least_visits, max_size=5))))


@many
@given(stories(), STARS)
def test_every_part_is_between_nothing_and_all(story: Story, rating: int) -> None:
    found = credibility(story.evidence, rating=rating)
    parts = (found.depth, found.coverage, found.consistency, found.duration, found.value)
    assert all(0 <= part <= 1 for part in parts)


@many
@given(stories(least_visits=1), STARS, st.data())
def test_nothing_watched_is_worth_nothing(story: Story, rating: int, data: st.DataObject) -> None:
    paid_for = tuple(data.draw(st.lists(st.integers(0, 10**8))))
    nothing = tuple(0 for _ in story.lengths_ms)
    evidence = replace(story.evidence, watched_ms=nothing, repeated_ms=0, sessions_ms=paid_for)
    assert credibility(evidence, rating=rating).value == 0


@many
@given(stories(), STARS, st.data())
def test_another_session_never_lowers_it(story: Story, rating: int, data: st.DataObject) -> None:
    more = Story(story.lengths_ms, (*story.visits, data.draw(visits(story.lengths_ms))))
    assert more.worth(rating) >= story.worth(rating) - CLOSE


@many
@given(stories(least_visits=1), STARS, st.data())
def test_watching_on_in_a_session_never_lowers_it(story: Story, rating: int, data: st.DataObject) -> None:
    first, *others = story.visits
    longer = Visit((*first.stretches, *data.draw(visits(story.lengths_ms)).stretches), first.speed)
    assert Story(story.lengths_ms, (longer, *others)).worth(rating) >= story.worth(rating) - CLOSE


@many
@given(stories(least_visits=1), STARS, st.data())
def test_splitting_a_session_never_raises_it(story: Story, rating: int, data: st.DataObject) -> None:
    evidence = story.evidence
    first, *others = evidence.sessions_ms
    cut_ms = data.draw(st.integers(0, first))
    split = replace(evidence, sessions_ms=(cut_ms, first - cut_ms, *others))
    assert credibility(split, rating=rating).value <= story.worth(rating) + CLOSE


@many
@given(stories(least_visits=1), STARS, st.data())
def test_a_refund_never_raises_it(story: Story, rating: int, data: st.DataObject) -> None:
    given_back = data.draw(st.sampled_from(story.visits))
    kept = tuple(visit for visit in story.visits if visit is not given_back)
    assert Story(story.lengths_ms, kept).worth(rating) <= story.worth(rating) + CLOSE


@many
@given(stories(), STARS, STARS)
def test_another_rating_only_changes_the_consistency(story: Story, rating: int, other: int) -> None:
    one, two = (credibility(story.evidence, rating=stars) for stars in (rating, other))
    assert (one.depth, one.coverage, one.duration) == (two.depth, two.coverage, two.duration)
    assert one.value - two.value == pytest.approx(0.35 * (one.consistency - two.consistency), abs=CLOSE)


@many
@given(stories(), STARS, st.randoms(use_true_random=False))
def test_the_order_of_videos_sessions_and_stretches_does_not_matter(
    story: Story, rating: int, random: Any
) -> None:
    lengths = [(str(number), length) for number, length in enumerate(story.lengths_ms)]
    random.shuffle(lengths)
    shuffled = []
    for visit in random.sample(story.visits, len(story.visits)):
        stretches = random.sample(visit.stretches, len(visit.stretches))
        shuffled.append((Visit(tuple(stretches), visit.speed).runs, visit.used_ms))
    assert credibility(gather(dict(lengths), shuffled), rating=rating).value == story.worth(rating)


@many
@given(st.lists(st.integers(1_000, 5_000_000), min_size=1), st.lists(st.integers(0, 10**7)), st.data())
def test_who_watched_everything_and_gives_one_star_is_consistent_by_five_eighths(
    lengths_ms: list[int], sessions_ms: list[int], data: st.DataObject
) -> None:
    repeated_ms = data.draw(st.integers(0, 10**8))
    evidence = Evidence(lengths_ms, lengths_ms, repeated_ms, sessions_ms)
    assert credibility(evidence, rating=1).consistency == 0.625


def test_praise_from_a_linked_account_is_worth_nothing_and_criticism_what_it_is_worth() -> None:
    evidence = Evidence((600_000,), (600_000,), 0, (600_000,), is_linked=True)
    assert [credibility(evidence, rating=rating).value for rating in (4, 5)] == [0, 0]
    for rating in (1, 2, 3):
        alone = replace(evidence, is_linked=False)
        assert credibility(evidence, rating=rating) == credibility(alone, rating=rating)


def test_a_course_without_videos_is_worth_nothing() -> None:
    assert credibility(gather({}, [({"gone": [(0, 60_000)]}, 60_000)]), rating=3).value == 0


def test_stretches_are_united_and_end_with_their_video() -> None:
    runs = {"a": [(0, 60_000), (30_000, 90_000), (80_000, 999_000)], "gone": [(0, 1_000)]}
    evidence = gather({"a": 100_000, "b": 50_000}, [(runs, 70_000), ({"a": [(0, 5_000)]}, 5_000)])
    assert evidence == Evidence((100_000, 50_000), (100_000, 0), 45_000, (70_000, 5_000))


TEN_VIDEOS = (600_000,) * 10


def _watched(total_ms: int, *sessions_ms: int, repeated_ms: int = 0) -> Evidence:
    """Ten videos of ten minutes, watched from the beginning for so long."""
    once = [max(0, min(600_000, total_ms - 600_000 * number)) for number in range(10)]
    return Evidence(TEN_VIDEOS, once, repeated_ms, sessions_ms)


@pytest.mark.parametrize(
    ("evidence", "rating", "expected"),
    [
        (_watched(6_000_000, *[1_600_000] * 4, repeated_ms=400_000), 5, "1.000"),
        (_watched(3_000_000, *[1_000_000] * 3), 5, "0.662"),
        (_watched(6_000_000, *[1_500_000] * 4), 1, "0.869"),
        (_watched(300_000, 300_000), 1, "0.415"),
        (_watched(300_000, 300_000), 5, "0.177"),
        (_watched(120_000, 120_000), 5, "0.067"),
        (_watched(20_000, 20_000), 5, "0.008"),
    ],
    ids=["all-5", "half-5", "all-1", "five-minutes-1", "five-minutes-5", "two-minutes-5", "twenty-seconds-5"],
)
def test_the_worked_examples(evidence: Evidence, rating: int, expected: str) -> None:
    assert f"{credibility(evidence, rating=rating).value:.3f}" == expected
