"""Changing the books behind the ledger's back, on either database."""

import re
from collections.abc import Sequence

from murph.core.db import append_only, db
from murph.ledger import checks as ledger_checks
from murph.wallet import checks as wallet_checks
from tests.support.mariadb import MYSQLD

_CHANGED = re.compile(r"(?:UPDATE|INTO|DELETE FROM) (\w+)")
_CHECKS_IN_FORCE = (
    "SELECT constraint_name FROM information_schema.table_constraints WHERE table_schema = DATABASE() "
    "AND table_name = '{}' AND constraint_type = 'CHECK' AND enforced = 'YES'"
)


def tamper(*statements: str) -> None:
    """Run statements that the triggers and constraints of the database would refuse."""
    db.session.rollback()
    dialect = db.engine.dialect.name
    keys = "PRAGMA foreign_keys={}" if dialect == "sqlite" else "SET foreign_key_checks={}"
    ignored, respected = checks_switched(statements)
    drops = [f"DROP TRIGGER {t}_no_{v}" for t in append_only.TABLES for v in ("update", "delete")]
    creations = [s for t in append_only.TABLES for s in append_only.statements(dialect, t)]
    lowered = [keys.format(0), *ignored, *drops]
    raised = [*creations, keys.format(1), *respected]
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


def checks_switched(statements: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what has the database ignore CHECKs, and what has it respect them again.

    MySQL has no switch: those of the tables that the statements change are out of force until the next
    test has its database.
    """
    if db.engine.dialect.name == "sqlite":
        return ["PRAGMA ignore_check_constraints=1"], ["PRAGMA ignore_check_constraints=0"]
    if not MYSQLD:
        return ["SET check_constraint_checks=0"], ["SET check_constraint_checks=1"]
    tables = {table for statement in statements for table in _CHANGED.findall(statement)}
    return [each for table in sorted(tables) for each in _out_of_force(table)], []


def _out_of_force(table: str) -> list[str]:
    with db.engine.connect() as connection:
        names = connection.exec_driver_sql(_CHECKS_IN_FORCE.format(table)).scalars().all()
    changes = ", ".join(f"ALTER CHECK {name} NOT ENFORCED" for name in names)
    return [f"ALTER TABLE {table} {changes}"] if changes else []


def broken() -> dict[str, list[str]]:
    """Return the rows that the ledger's and the wallet's checks complain about, by invariant."""
    found: dict[str, list[str]] = {}
    for check in [*ledger_checks.checks(), *wallet_checks.checks()]:
        for violation in check.run(None):
            found.setdefault(violation.invariant, []).append(violation.row)
    db.session.rollback()
    return found
