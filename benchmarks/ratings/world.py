"""Many published courses, of which some are rated."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, text

from benchmarks.people import PRICE_MINOR, sign_up
from murph.auth.models import TEACHER
from murph.core import clock
from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.course import queries
from murph.course.models import EXTERNAL, PUBLISHED, Course, Video

TEACHERS, BATCH = 200, 2_000
RATED_SHARE = 0.6
"""The others have no credible review, which the index has to pass as well."""


def fill(courses: int, *, currency: str) -> None:
    """Offer that many courses, spread over all categories and over two years."""
    chance = random.Random(20_260_131)
    teacher_ids = _teachers()
    category_ids = [category.id for category in queries.categories()]
    for first in range(0, courses, BATCH):
        numbers = range(first, min(first + BATCH, courses))
        _offer([_course(n, chance, teacher_ids, category_ids, currency) for n in numbers])
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE TABLE course, video")).all()


@transactional
def _teachers() -> list[UUID]:
    return [sign_up(f"teacher{number}", TEACHER).user.id for number in range(TEACHERS)]


def _course(
    number: int, chance: random.Random, teacher_ids: list[UUID], category_ids: list[UUID], currency: str
) -> dict[str, Any]:
    published_at = clock.now() - timedelta(seconds=chance.uniform(0, 2 * 365 * 86_400))
    is_rated = chance.random() < RATED_SHARE
    rating = min(5.0, max(1.0, chance.gauss(3.9, 0.6)))
    return {
        "id": new_id(),
        "teacher_id": chance.choice(teacher_ids),
        "category_id": chance.choice(category_ids),
        "title": f"Course {number}",
        "description": "What there is to know, one step after the other. " * 8,
        "price_per_minute_minor": chance.randint(1, 10) * PRICE_MINOR,
        "currency": currency,
        "tags": ["step", "by step"],
        "state": PUBLISHED,
        "version": 2,
        "watchers_count": chance.randint(0, 5_000),
        "rating": rating if is_rated else None,
        "rating_rank": max(1.0, rating - chance.uniform(0.05, 0.8)) if is_rated else 0.0,
        "rating_raw": rating if is_rated else None,
        "rating_count": chance.randint(1, 400) if is_rated else 0,
        "created_at": published_at,
        "updated_at": published_at,
        "published_at": published_at,
    }


@transactional
def _offer(rows: list[dict[str, Any]]) -> None:
    courses, videos = (model.__table__ for model in (Course, Video))
    assert isinstance(courses, Table)
    assert isinstance(videos, Table)
    db.session.execute(insert(courses), rows)
    db.session.execute(
        insert(videos),
        [
            {
                "id": new_id(),
                "course_id": row["id"],
                "title": row["title"],
                "position": 1,
                "kind": EXTERNAL,
                "external_url": "https://videos.example.org/lecture.mp4",
                "duration_ms": 3_600_000,
                "created_at": row["created_at"],
            }
            for row in rows
        ],
    )
