"""What the database says of a session's money."""

from typing import Any
from uuid import UUID

from tests.support.house import House
from tests.support.people import price_of


def used_ms(house: House, session: dict[str, Any]) -> int:
    """Return the durable total."""
    key = UUID(session["id"]).hex
    found: int = house.row("SELECT used_ms FROM session_meter WHERE session_id = :key", key=key).used_ms
    return found


def settlements(house: House, session: dict[str, Any]) -> int:
    """Return how often a session's hold was closed."""
    closing = "SELECT COUNT(*) AS n FROM journal_txn WHERE ref_id = :key AND kind IN ('settle', 'void')"
    found: int = house.row(closing, key=session["id"]).n
    return found


def assert_settled_once(house: House, session: dict[str, Any]) -> None:
    """Check that a billed session was closed once, at what its used time costs."""
    key = UUID(session["id"]).hex
    stored = house.row("SELECT * FROM watch_session WHERE id = :key", key=key)
    assert stored.status == ("completed" if stored.used_ms >= 1_000 else "cancelled")
    assert stored.cost_minor == (price_of(stored.used_ms // 1000) if stored.used_ms >= 1_000 else 0)
    assert settlements(house, session) == 1
