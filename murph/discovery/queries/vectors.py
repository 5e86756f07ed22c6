"""Reading what courses mean."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from murph.core.db import db
from murph.discovery.models import SearchDocument, SearchVector


def due(*, model: str, limit: int) -> Sequence[Any]:
    """Return search documents that have no vector of this model, or one of an older document, oldest first.

    Each comes with the digest of the text that its vector was made from, None without a vector to keep.
    """
    is_older = SearchVector.made_from < SearchDocument.generation
    query = (
        select(SearchDocument.course_id, SearchDocument.generation, SearchDocument.texts, SearchVector.digest)
        .outerjoin(
            SearchVector,
            (SearchVector.course_id == SearchDocument.course_id) & (SearchVector.model == model),
        )
        .where(SearchDocument.texts.is_not(None), or_(SearchVector.course_id.is_(None), is_older))
    )
    return db.session.execute(query.order_by(SearchDocument.generation).limit(limit)).all()


def newer_than(generation: int, *, model: str, limit: int) -> Sequence[Any]:
    """Return the vectors after a generation, the oldest first."""
    query = select(SearchVector.course_id, SearchVector.generation, SearchVector.numbers)
    newer = query.where(SearchVector.generation > generation, SearchVector.model == model)
    return db.session.execute(newer.order_by(SearchVector.generation).limit(limit)).all()
