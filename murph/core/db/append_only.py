"""Triggers that make a table append-only on every database."""

from sqlalchemy import DDL, FromClause, event

TABLES: list[str] = []
"""Those of the models that were imported."""

_SQLITE = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""
_MYSQL = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{table} is append-only'"""


def statements(dialect: str, table: str) -> list[str]:
    """Return the statements that make `table` append-only on ``sqlite`` or ``mysql``."""
    template = _SQLITE if dialect == "sqlite" else _MYSQL
    return [template.format(table=table, verb=verb) for verb in ("update", "delete")]


def attach(table: FromClause) -> None:
    """Create the table's triggers whenever the table itself is created from the model."""
    TABLES.append(str(table))
    for dialect in ("sqlite", "mysql", "mariadb"):
        for statement in statements(dialect, str(table)):
            ddl = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
