"""Find courses: retrieve, filter, price, rank. What is told about a course comes from its row, fresh."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import starmap
from typing import Any
from uuid import UUID

from murph.course.models import Course
from murph.discovery.engine import ordering
from murph.discovery.engine.confidence import MIN_COVERAGE, answering, certainty, nearest_categories
from murph.discovery.engine.index import Hit, Part
from murph.discovery.engine.meaning import fused
from murph.discovery.engine.ordering import Candidate
from murph.discovery.engine.spoken import Cue, best_passage
from murph.discovery.engine.text import STOP_WORDS, stem, telling, words
from murph.discovery.fitting import Fitting, Wanted
from murph.discovery.live import LiveIndex
from murph.discovery.queries import documents
from murph.gateways.ai.choice import Meanings
from murph.gateways.ai.port import Vector
from murph.metering.cost import cost_minor

CONSIDERED, CONSIDERED_BY_RATING = 100, 1_000
"""Of how many courses the best are shown; of more where ratings decide, which the index does not know."""
UNSAID_SHARE = 0.9
"""What is left of the relevance of a course for every wish that it says nothing about."""
MIN_RELATED = 0.05
"""How relevant a course without any word of the question must be: below that, on the dev queries, of 49 such
courses one was right."""
MAIN_SHARE = 0.5
MANY_WORDS, FEW_FOUND = 5, 5
"""A vendor is asked what a question means when it has so many words, or when its words find fewer courses."""
MAX_ASKED = 1000
"""Characters of a question that a vendor is asked about."""
MEANT = 50
"""How many courses may be found by what they mean."""
MEANT_CERTAINTY = 0.4
"""How much of a question is taken for answered by what no word of it found, which is below what is enough."""
NEAREST = 3
WITH_PARTS = 10
"""So many of the first get the part in which it is said; a provider brings no other into what is shown."""
PART_MS = 60_000
"""The shortest stretch of a video that is offered for something said in it."""


Question = str | Sequence[Part]
"""Words, or words of which some count less than others."""


@dataclass(frozen=True)
class Taste:
    """What is known of who asks: the courses they finished, and how much they watch each category, 0..1."""

    finished: Collection[UUID] = ()
    categories: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Passage:
    """A passage in which it is said, and what the stretch of the video around it costs."""

    video_id: str
    begin_ms: int
    end_ms: int
    text: str
    price_minor: int

    @property
    def place(self) -> dict[str, Any]:
        """Return all but the price, which may change."""
        return {name: value for name, value in vars(self).items() if name != "price_minor"}


@dataclass(frozen=True)
class Found:
    """A course that was found, the words of the question it has, and how well it answers, 0..1.

    One that is no answer by itself only comes near.
    """

    course: Course
    match_score: float
    matched: tuple[str, ...]
    part: Passage | None
    is_answer: bool = True


@dataclass(frozen=True)
class Look:
    """Whether some course answers, which categories are nearest, and what may have been mistyped."""

    is_confident: bool
    nearest: list[str]
    meant: str | None


@dataclass(frozen=True)
class Results:
    """What was found, the best first, and whether it answers at all."""

    found: list[Found]
    is_confident: bool


@dataclass(frozen=True)
class _Retrieved:
    """What the index gave for a question, taken out of it so that others may use it."""

    hits: list[Hit]
    certainty: float
    unsaid: dict[str, int]
    costs_minor: dict[str, int]
    matched: dict[str, tuple[str, ...]]
    rarities: dict[str, float]


def search(
    *,
    index: LiveIndex,
    query: Question,
    wanted: Wanted,
    taste: Taste,
    min_rating: float | None = None,
    limit: int,
    at: datetime,
    meanings: Meanings | None = None,
) -> Results:
    """Return the courses that answer best, at most `limit` of those considered that fit.

    With `meanings` a vendor may be asked for up to 0.3 s what the question means.

    Raises:
        RuntimeError: inside a transaction, when a vendor is to be asked.
    """
    considered = CONSIDERED if min_rating is None else CONSIDERED_BY_RATING
    retrieved = _retrieve(index, query, wanted, considered)
    if meanings and meanings.model and (vector := _meant(query, retrieved, meanings)):
        retrieved = _retrieve(index, query, wanted, considered, near=(vector, meanings.least))
    courses = documents.courses([UUID(hit.key) for hit in retrieved.hits], min_rating=min_rating)
    candidates = [
        _candidate(hit, courses[UUID(hit.key)], retrieved, wanted, taste, at)
        for hit in retrieved.hits
        if UUID(hit.key) in courses
    ]
    shown = ordering.ordered(candidates)[:limit]
    return Results(_found(shown, courses, query, retrieved), retrieved.certainty >= MIN_COVERAGE)


def _found(
    shown: Sequence[Candidate], courses: Mapping[UUID, Course], query: Question, retrieved: _Retrieved
) -> list[Found]:
    parts = _parts(shown[:WITH_PARTS], courses, query, retrieved)
    answers = answering(retrieved.hits)
    return [
        Found(
            courses[UUID(one.key)],
            _score(one, retrieved),
            retrieved.matched[one.key],
            parts.get(one.key),
            one.key in answers,
        )
        for one in shown
    ]


def look(index: LiveIndex, query: Question, wanted: Wanted) -> Look:
    """Look whether some course answers, without reading any."""
    with index.up_to_date() as live:
        hits = _by_words(live, query, Fitting(live.facts, wanted), CONSIDERED)
        return Look(
            certainty(hits) >= MIN_COVERAGE,
            nearest_categories(
                hits, lambda key: live.facts[key].category, usual=live.categories(), limit=NEAREST
            ),
            live.index.spelled(_text(query)) if certainty(hits) < MIN_COVERAGE else None,
        )


def _score(candidate: Candidate, retrieved: _Retrieved) -> float:
    """Return how well a course answers: its score beside the best one's, as far as that answers at all."""
    return round(min(1.0, max(0.0, candidate.score * retrieved.certainty)), 4)


def _meant(query: Question, by_words: _Retrieved, meanings: Meanings) -> Vector | None:
    text = _text(query)
    asked = sum(word not in STOP_WORDS for word in words(text))
    is_worth_it = asked >= MANY_WORDS or len(by_words.hits) < FEW_FOUND
    return meanings.of_question(text[:MAX_ASKED]) if asked and is_worth_it else None


def _retrieve(
    index: LiveIndex,
    query: Question,
    wanted: Wanted,
    considered: int,
    *,
    near: tuple[Vector, float] | None = None,
) -> _Retrieved:
    """Return what the words find, and what is near a vector by at least so much.

    Only words tell whether it answers: a vector is always near to something.
    """
    asked = dict.fromkeys(telling(words(_text(query))))
    with index.up_to_date() as live:
        fits = Fitting(live.facts, wanted)
        by_words = _by_words(live, query, fits, considered)
        hits = _fused(by_words, live, near, fits) if near else by_words
        return _Retrieved(
            hits,
            certainty(by_words) or MEANT_CERTAINTY,
            {hit.key: fits.unsaid(hit.key) for hit in hits},
            {hit.key: wanted.cost_minor(live.facts[hit.key]) for hit in hits},
            {hit.key: tuple(word for word in asked if live.index.has(hit.key, stem(word))) for hit in hits},
            {stem(word): live.index.rarity(stem(word)) for word in asked},
        )


def _by_words(live: LiveIndex, query: Question, fits: Fitting, considered: int) -> list[Hit]:
    found = live.index.search(query, limit=considered, accepts=fits)
    return [hit for hit in found if hit.words or hit.relevance >= MIN_RELATED]


def _fused(by_words: Sequence[Hit], live: LiveIndex, near: tuple[Vector, float], fits: Fitting) -> list[Hit]:
    def accepts(key: str) -> bool:
        document = live.index.get(key)
        return document is not None and fits(document)

    meant = live.meanings.nearest(near[0], least=near[1], limit=MEANT, accepts=accepts)
    known = {hit.key: hit for hit in by_words}
    relevances = fused({hit.key: hit.relevance for hit in by_words}, meant)
    return [
        replace(known[key], relevance=relevance) if key in known else Hit(key, relevance, 0.0, 0)
        for key, relevance in relevances.items()
    ]


def _text(query: Question) -> str:
    """Return the words of a question that count in full or nearly so."""
    if isinstance(query, str):
        return query
    return " ".join(part.text for part in query if part.share >= MAIN_SHARE)


def _candidate(
    hit: Hit, course: Course, retrieved: _Retrieved, wanted: Wanted, taste: Taste, at: datetime
) -> Candidate:
    age = at - (course.published_at or at)
    liked = taste.categories.get(course.category_name, 0.0)
    return Candidate(
        key=hit.key,
        teacher=str(course.teacher_id),
        relevance=hit.relevance * UNSAID_SHARE ** retrieved.unsaid[hit.key],
        rating=(course.rating_rank - 1) / 4 if course.rating is not None else None,
        freshness=ordering.freshness(age / timedelta(days=1)),
        price_fit=ordering.price_fit(
            cost_minor=retrieved.costs_minor[hit.key], budget_minor=wanted.budget_minor
        ),
        personal=-1.0 if course.id in taste.finished else liked,
    )


def _parts(
    shown: Sequence[Candidate], courses: Mapping[UUID, Course], query: Question, retrieved: _Retrieved
) -> dict[str, Passage]:
    """Return where in the videos of these courses it is said, by the key of the course."""
    text = _text(query)
    cues = documents.cues([UUID(candidate.key) for candidate in shown])
    said = {
        course_id: best_passage(
            text, list(starmap(Cue, spoken)), lambda term: retrieved.rarities.get(term, 0.0)
        )
        for course_id, spoken in cues.items()
    }
    lengths_ms = documents.lengths_ms([UUID(passage[0].video_id) for passage in said.values() if passage])
    return {
        str(course_id): _part(passage, courses[course_id], lengths_ms)
        for course_id, passage in said.items()
        if passage
    }


def _part(passage: Sequence[Cue], course: Course, lengths_ms: Mapping[UUID, int]) -> Passage:
    video_id, begin_ms, last_ms = passage[0].video_id, passage[0].begin_ms, passage[-1].end_ms
    # Nothing is sold of what comes after the end of a video.
    end_ms = max(last_ms, min(begin_ms + PART_MS, lengths_ms.get(UUID(video_id), last_ms)))
    text = " ".join(cue.text for cue in passage)
    return priced(course, video_id=video_id, begin_ms=begin_ms, end_ms=end_ms, text=text)


def priced(course: Course, *, video_id: str, begin_ms: int, end_ms: int, text: str) -> Passage:
    """Return a passage of a course with what it costs now."""
    price_minor = cost_minor(
        used_ms=end_ms - begin_ms, price_per_minute_minor=course.price_per_minute_minor or 0
    )
    return Passage(video_id, begin_ms, end_ms, text, price_minor)
