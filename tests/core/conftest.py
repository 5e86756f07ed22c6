"""A table of the core tests' own, as the core knows none of the features' tables."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, String, Table, UniqueConstraint

from murph.core.db import UuidKey, db

COUNTER = Table(
    "core_test_counter",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", BigInteger),
    Column("name", String(40)),
    CheckConstraint("value >= 0", name="ck_core_test_counter_floor"),
    UniqueConstraint("name", name="uq_core_test_counter_name"),
    mysql_engine="InnoDB",
)
ENTRY = Table(
    "core_test_entry",
    COUNTER.metadata,
    Column("id", UuidKey, primary_key=True),
    Column("rank", Integer),
    mysql_engine="InnoDB",
)


@pytest.fixture
def tables(app: Flask) -> Iterator[None]:
    COUNTER.metadata.create_all(db.engine)
    with db.engine.begin() as connection:
        connection.execute(COUNTER.insert(), [{"id": 1, "value": 0}, {"id": 2, "value": 0}])
    yield
    db.session.rollback()
    COUNTER.metadata.drop_all(db.engine)
