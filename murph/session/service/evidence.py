"""Slices of a session as they are stored, beside those that its player's flusher writes."""

from dataclasses import asdict
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, update

from murph.core.db import db
from murph.session.models import WatchSlice
from murph.session.queries import Slice

_TABLE = cast(Table, WatchSlice.__table__)
_INSERT = insert(_TABLE)
_UPDATE = update(_TABLE).where(_TABLE.c.id == bindparam("slice"))


def add(session_id: UUID, piece: Slice) -> None:
    """Store a new slice of a session whose meter the caller has locked."""
    db.session.execute(_INSERT, {"session_id": session_id} | asdict(piece))


def grow(piece: Slice) -> None:
    """Store that a slice, whose session's meter the caller has locked, tells of more by now."""
    told = {"used_ms": piece.used_ms, "cost_minor": piece.cost_minor, "runs": piece.runs}
    db.session.execute(_UPDATE, {"slice": piece.id} | told)
