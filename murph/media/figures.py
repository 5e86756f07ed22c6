"""Figures about uploads."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from murph.core.figures import Figure, Reader, by
from murph.media.models import STATES, Asset


def readers() -> list[Reader]:
    """Return what reads figures about uploads."""
    return [Reader(_present)]


def _present(_at: datetime) -> Iterator[Figure]:
    query = select(Asset.state, func.count()).group_by(Asset.state)
    yield Figure("murph_assets", "Uploaded videos, by state.", by(query, STATES), "state")
