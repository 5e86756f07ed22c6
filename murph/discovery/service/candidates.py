"""Courses that were found, as they are kept with a turn and offered to a provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from murph.core import money
from murph.course.models import Course
from murph.discovery.queries import documents
from murph.discovery.service.search import Found, Passage, priced
from murph.gateways.ai.offline import reason
from murph.gateways.ai.port import Candidate

MINUTE_MS = 60_000


@dataclass(frozen=True)
class Offered:
    """A course that answers, with what is shown of it and told about it.

    `said` is why it fits in a provider's words. Our own are made when they are shown, as they have figures in
    them, which may change.
    """

    course: Course
    match_score: float
    matched: tuple[str, ...]
    part: Passage | None
    said: str = ""
    is_answer: bool = True

    @property
    def reason(self) -> str:
        """Return why it fits."""
        return self.said or reason(self.candidate)

    @property
    def candidate(self) -> Candidate:
        """Return it as a provider is told of it."""
        course = self.course
        price_minor = course.price_per_minute_minor or 0
        return Candidate(
            course_id=course.id,
            title=course.title,
            description=course.description,
            category=course.category_name,
            tags=tuple(course.tags),
            level=course.level or "",
            language=course.language or "",
            minutes=max(1, course.total_duration_ms // MINUTE_MS),
            price=f"{money.to_text(price_minor, course.currency)} {course.currency} per minute",
            rating=course.rating,
            matched=self.matched,
            is_answer=self.is_answer,
        )

    @property
    def kept(self) -> dict[str, Any]:
        """Return what is stored of it: nothing that may change."""
        return {
            "course_id": str(self.course.id),
            "said": self.said,
            "figures": self.figures,
            "match_score": self.match_score,
            "matched": list(self.matched),
            "is_answer": self.is_answer,
            "part": None if self.part is None else self.part.place,
        }

    @property
    def figures(self) -> list[Any]:
        """Return what words about the course may mention, and what is not so for ever."""
        return [self.course.price_per_minute_minor, self.course.rating]


def offered(found: Sequence[Found]) -> list[Offered]:
    """Return what was found, as it is offered."""
    return [
        Offered(one.course, one.match_score, one.matched, one.part, is_answer=one.is_answer) for one in found
    ]


def first(offers: Sequence[Offered], course_id: str | None) -> list[Offered]:
    """Return them with this course at the beginning, if it is one of them."""
    return sorted(offers, key=lambda one: str(one.course.id) != course_id)


def recalled(kept: Sequence[Mapping[str, Any]]) -> list[Offered]:
    """Return those of the kept courses that can still be bought, in their order, as they are now."""
    courses = documents.courses([UUID(one["course_id"]) for one in kept])
    return [
        _recalled(courses[UUID(one["course_id"])], one) for one in kept if UUID(one["course_id"]) in courses
    ]


def _recalled(course: Course, kept: Mapping[str, Any]) -> Offered:
    part = priced(course, **kept["part"]) if kept["part"] else None
    one = Offered(
        course,
        kept["match_score"],
        tuple(kept["matched"]),
        part,
        kept["said"],
        is_answer=kept.get("is_answer", True),
    )
    return one if one.figures == kept["figures"] else replace(one, said="")


def rearranged(offers: Sequence[Offered], picks: Sequence[tuple[UUID, str]]) -> list[Offered]:
    """Return them in the order of these courses, each with the reason given there."""
    by_id = {one.course.id: one for one in offers}
    return [_saying(by_id[course_id], said) for course_id, said in picks if course_id in by_id]


def _saying(one: Offered, said: str) -> Offered:
    """Return it with a reason, which is ours where the guard has put ours in place of a provider's."""
    return replace(one, said="" if said == one.reason else said)
