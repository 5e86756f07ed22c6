"""Changing the books behind the ledger's back, on either database."""

from murph.core.db import append_only, db
from murph.ledger import checks as ledger_checks
from murph.wallet import checks as wallet_checks

_WALLS = {
    "sqlite": ("PRAGMA foreign_keys={}", "PRAGMA ignore_check_constraints={}"),
    "mysql": ("SET foreign_key_checks={}", "SET check_constraint_checks={}"),
}


def tamper(*statements: str) -> None:
    """Run statements that the triggers and constraints of the database would refuse."""
    db.session.rollback()
    dialect = db.engine.dialect.name
    constraint, check = _WALLS[dialect]
    drops = [f"DROP TRIGGER {t}_no_{v}" for t in append_only.TABLES for v in ("update", "delete")]
    creations = [s for t in append_only.TABLES for s in append_only.statements(dialect, t)]
    lowered = [constraint.format(0), check.format(1 if dialect == "sqlite" else 0), *drops]
    raised = [*creations, constraint.format(1), check.format(0 if dialect == "sqlite" else 1)]
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        for statement in lowered:
            cursor.execute(statement)
        try:
            for statement in statements:
                cursor.execute(statement)
        finally:
            for statement in raised:
                cursor.execute(statement)
        connection.commit()
    finally:
        connection.close()


def broken() -> dict[str, list[str]]:
    """Return the rows that the ledger's and the wallet's checks complain about, by invariant."""
    found: dict[str, list[str]] = {}
    for check in [*ledger_checks.checks(), *wallet_checks.checks()]:
        for violation in check.run(None):
            found.setdefault(violation.invariant, []).append(violation.row)
    db.session.rollback()
    return found
