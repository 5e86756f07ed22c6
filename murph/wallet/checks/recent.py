"""Leaving out what was checked before."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement


def recent(column: Any, since: datetime | None) -> list[ColumnElement[bool]]:
    """Return the condition that leaves out what is older than `since`."""
    return [] if since is None else [column >= since]
