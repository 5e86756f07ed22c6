"""What the fixtures promise: whatever one test does to its database, the next finds it as migrated."""

import pytest
from sqlalchemy import create_engine, text

from tests.support.databases import MariaDbFactory

pytestmark = pytest.mark.only_mariadb


def count(url: str, table: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found: int = connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()
    engine.dispose()
    return found


def run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


JOURNAL_ROW = (
    "INSERT INTO journal_txn (id, kind, ref_type, ref_id, part, created_at) "
    "VALUES (REPEAT('a', 32), 'adjust', 'ticket', '1', 0, NOW())"
)


def test_rows_are_gone_and_seeds_are_back(database: str, mariadb_factory: MariaDbFactory) -> None:
    categories = count(database, "category")
    run(database, JOURNAL_ROW, "DELETE FROM category LIMIT 3")
    mariadb_factory.fresh()
    assert count(database, "journal_txn") == 0
    assert count(database, "category") == categories > 0


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TRIGGER ledger_entry_no_update",
        "UPDATE alembic_version SET version_num = '0001_auth'",
        "CREATE TABLE left_over (id INTEGER)",
    ],
)
def test_a_changed_schema_is_made_anew(database: str, mariadb_factory: MariaDbFactory, damage: str) -> None:
    run(database, damage)
    mariadb_factory.fresh()
    assert count(database, "information_schema.triggers WHERE trigger_schema = DATABASE()") == 8
    assert count(database, "alembic_version WHERE version_num = '0001_auth'") == 0
    assert count(database, "information_schema.tables WHERE table_name = 'left_over'") == 0
