"""The migrations make exactly what the models say, on both databases, and can be undone."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Inspector, inspect, text

from murph.core.db import db
from tests.support.databases import make_app
from tests.support.mariadb import MariaDb
from tests.support.processes import ROOT

MIGRATIONS = str(ROOT / "migrations")
APPEND_ONLY = {"audit_entry", "journal_txn", "ledger_transfer", "ledger_entry"}

pytestmark = pytest.mark.both_databases


@pytest.fixture
def empty_app(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without a single table."""
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    if database_kind == "mariadb":
        server: MariaDb = request.getfixturevalue("mariadb_server")
        url = server.create("murph_empty")
    application = make_app(url, tmp_path)
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


def test_there_is_one_chain_of_migrations() -> None:
    script = ScriptDirectory(MIGRATIONS)
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
    files = {path.stem for path in (ROOT / "migrations" / "versions").glob("*.py")}
    assert {revision.revision for revision in script.walk_revisions()} == files


def test_the_migrations_make_what_the_models_say(empty_app: Flask) -> None:
    flask_migrate.upgrade(MIGRATIONS)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    migrated = _schema()
    flask_migrate.downgrade(MIGRATIONS, revision="base")
    db.create_all()
    modelled = _schema()
    assert migrated == modelled
    db.drop_all()


def test_the_ledger_is_append_only_once_migrated(empty_app: Flask) -> None:
    flask_migrate.upgrade(MIGRATIONS)
    assert {table for table, event in _guarded()} == APPEND_ONLY
    assert {event for table, event in _guarded()} == {"UPDATE", "DELETE"}
    assert len(_guarded()) == 2 * len(APPEND_ONLY)


def test_every_migration_can_be_undone_and_done_again(empty_app: Flask) -> None:
    flask_migrate.upgrade(MIGRATIONS)
    whole, guarded = _schema(), _guarded()
    for revision in ScriptDirectory(MIGRATIONS).walk_revisions():
        flask_migrate.downgrade(MIGRATIONS, revision=str(revision.down_revision or "base"))
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    assert _guarded() == []
    flask_migrate.upgrade(MIGRATIONS)
    assert _schema() == whole
    assert _guarded() == guarded


def test_top_ups_keep_their_payment_pages_when_they_move_to_a_gateway_and_back(empty_app: Flask) -> None:
    flask_migrate.upgrade(MIGRATIONS, revision="0005_session")
    key, when = "0190a6de7c3b7d2e9a513f6f0c6f2b1{}", "2026-03-01 12:00:00.000000"
    top_ups = [(0, "pending"), (1, "paid"), (2, "declined"), (3, "expired")]
    _run(
        "INSERT INTO user (id, email, password_hash, name, user_type, state, created_at, updated_at) "
        f"VALUES ('{key.format(9)}', 'ada@example.org', '-', 'Ada', 'student', 'active', '{when}', '{when}')",
        *(
            "INSERT INTO top_up (id, user_id, amount_minor, currency, gateway, secret, status, created_at, "
            f"expires_at, paid_at) VALUES ('{key.format(n)}', '{key.format(9)}', 500, 'USD', 'sandbox', "
            f"'secret{n}', '{status}', '{when}', '{when}', '{when}')"
            for n, status in top_ups
        ),
    )
    before = _rows("SELECT id, status, secret, amount_minor FROM top_up ORDER BY id")
    flask_migrate.upgrade(MIGRATIONS)
    name = "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b1{}"
    assert _rows("SELECT status, payment_id, next_look_at IS NULL FROM top_up ORDER BY id") == [
        ("pending", None, 0),
        ("paid", name.format(1), 1),
        ("declined", name.format(2), 1),
        ("expired", name.format(3), 1),
    ]
    payments = _rows("SELECT id, reference, secret, status FROM sandbox_payment ORDER BY id")
    statuses = ["open", "paid", "canceled", "open"]
    assert payments == [
        (key.format(n), name.format(n), f"secret{n}", status) for n, status in enumerate(statuses)
    ]
    flask_migrate.downgrade(MIGRATIONS, revision="0005_session")
    assert _rows("SELECT id, status, secret, amount_minor FROM top_up ORDER BY id") == before


def test_references_of_before_are_known_however_they_are_typed(empty_app: Flask) -> None:
    flask_migrate.upgrade(MIGRATIONS, revision="0010_idle_time")
    ids = [uuid4().hex for _ in range(3)]
    moment = "2026-01-31 12:00:00"
    _run(
        "INSERT INTO user (id, email, password_hash, name, user_type, state, created_at, updated_at) VALUES "
        f"('{ids[0]}', 'a@example.org', '-', 'A', 'teacher', 'active', '{moment}', '{moment}')",
        *(
            "INSERT INTO payout "
            "(id, user_id, amount_minor, currency, status, gateway, reference, created_at, decided_at) "
            f"VALUES ('{each}', '{ids[0]}', 1, '-', 'completed', '', '{reference}', '{moment}', '{moment}')"
            for each, reference in zip(ids[1:], ("BANK-1", "bank-1"), strict=True)
        ),
    )
    flask_migrate.upgrade(MIGRATIONS)
    ((reference, key),) = _rows("SELECT reference, reference_key FROM payout WHERE reference_key IS NOT NULL")
    assert (reference, key) == ("BANK-1", sha256(b"bank-1").hexdigest())


def test_old_slices_are_of_the_video_that_they_cover_most_of(empty_app: Flask) -> None:
    flask_migrate.upgrade(MIGRATIONS, revision="0011_payout_reference_keys")
    when, key = "2026-03-01 12:00:00.000000", uuid4().hex
    runs = ['{"a":[[0,900],[0,200]],"b":[[0,1000]]}', '{"a":[[5,6]],"b":[[0,3]]}', "{}"]
    _run(
        "INSERT INTO user (id, email, password_hash, name, user_type, state, created_at, updated_at) "
        f"VALUES ('{key}', 'ada@example.org', '-', 'Ada', 'student', 'active', '{when}', '{when}')",
        f"INSERT INTO category (id, name, position) VALUES ('{key}', 'Any', 99)",
        "INSERT INTO course (id, teacher_id, category_id, title, description, currency, tags, state, "
        "version, watchers_count, created_at, updated_at) VALUES "
        f"('{key}', '{key}', '{key}', '-', '-', 'USD', '[]', 'draft', 1, 0, '{when}', '{when}')",
        "INSERT INTO watch_session (id, student_id, course_id, teacher_id, status, currency, "
        "price_per_minute_minor, fee_bps, locked_minor, extensions, used_ms, cost_minor, fee_minor, "
        "teacher_minor, is_free, is_flagged, created_at) VALUES "
        f"('{key}', '{key}', '{key}', '{key}', 'ending', 'USD', 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, '{when}')",
        "INSERT INTO session_meter (session_id, epoch, state, used_ms, wall_ms, affordable_ms, locked_minor, "
        f"moves, last_at, video_id) VALUES ('{key}', 1, 'playing', 9, 9, 9, 9, 1, '{when}', 'c')",
        *(
            "INSERT INTO watch_slice (id, session_id, used_ms, cost_minor, runs, created_at) "
            f"VALUES ('{uuid4().hex}', '{key}', {number}, 0, '{each}', '{when}')"
            for number, each in enumerate([*runs, *runs[:1] * 1_000])
        ),
    )
    flask_migrate.upgrade(MIGRATIONS, revision="0012_slice_video")
    found = _rows("SELECT used_ms, video_id FROM watch_slice ORDER BY used_ms")
    assert found == [(0, "a"), (1, "b"), (2, "c"), *((n, "a") for n in range(3, 1_003))]
    flask_migrate.downgrade(MIGRATIONS, revision="0011_payout_reference_keys")
    assert len(_rows("SELECT runs FROM watch_slice")) == 1_003


def test_a_file_becomes_an_asset_that_waits_to_be_processed_and_lectures_stay(empty_app: Flask) -> None:
    flask_migrate.upgrade(MIGRATIONS, revision="0012_slice_video")
    when, key = "2026-03-01 12:00:00.000000", uuid4().hex
    videos = {name: uuid4().hex for name in ("file", "same", "external")}
    sources = {
        "file": "'file', 'demo/lecture.mp4', 'video/mp4', NULL",
        "same": "'file', 'demo/lecture.mp4', 'video/mp4', NULL",
        "external": "'external', NULL, NULL, 'https://example.org/a.mp4'",
    }
    _run(
        "INSERT INTO user (id, email, password_hash, name, user_type, state, created_at, updated_at) "
        f"VALUES ('{key}', 'ada@example.org', '-', 'Ada', 'teacher', 'active', '{when}', '{when}')",
        f"INSERT INTO category (id, name, position) VALUES ('{key}', 'Any', 99)",
        "INSERT INTO course (id, teacher_id, category_id, title, description, currency, tags, state, "
        "version, watchers_count, created_at, updated_at) VALUES "
        f"('{key}', '{key}', '{key}', '-', '-', 'USD', '[]', 'draft', 1, 0, '{when}', '{when}')",
        *(
            "INSERT INTO video (id, course_id, title, position, kind, storage_key, content_type, "
            f"external_url, duration_ms, created_at) VALUES ('{videos[name]}', '{key}', '{name}', "
            f"{position}, {source}, 172000, '{when}')"
            for position, (name, source) in enumerate(sources.items(), start=1)
        ),
        *(
            "INSERT INTO lecture (id, course_id, video_id, number, title, start_ms, end_ms) "
            f"VALUES ('{uuid4().hex}', '{key}', '{video}', {number}, '-', 0, 172000)"
            for number, video in enumerate(videos.values(), start=1)
        ),
    )
    lectures = _rows("SELECT * FROM lecture ORDER BY number")
    flask_migrate.upgrade(MIGRATIONS, revision="0013_media")
    assert _rows("SELECT owner_id, upload_key, state, attempt, revision FROM asset") == [
        (key, "demo/lecture.mp4", "uploaded", 0, None)
    ]
    found = _rows("SELECT title, asset_id IS NULL, duration_ms, external_url FROM video ORDER BY position")
    assert found == [
        ("file", 0, None, None),
        ("same", 0, None, None),
        ("external", 1, 172_000, "https://example.org/a.mp4"),
    ]
    assert _rows("SELECT * FROM lecture ORDER BY number") == lectures
    _run("UPDATE asset SET duration_ms = 172000")
    flask_migrate.downgrade(MIGRATIONS, revision="0012_slice_video")
    kept = _rows("SELECT title, kind, storage_key, content_type, duration_ms FROM video ORDER BY position")
    assert kept == [
        ("file", "file", "demo/lecture.mp4", "video/mp4", 172_000),
        ("same", "file", "demo/lecture.mp4", "video/mp4", 172_000),
        ("external", "external", None, None, 172_000),
    ]
    assert _rows("SELECT * FROM lecture ORDER BY number") == lectures


def _run(*statements: str) -> None:
    with db.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _rows(query: str) -> list[tuple[Any, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _schema() -> dict[str, Any]:
    seen: Inspector = inspect(db.engine)
    return {
        table: {
            "columns": sorted(map(_column, seen.get_columns(table))),
            "primary key": seen.get_pk_constraint(table),
            "foreign keys": _by_name(seen.get_foreign_keys(table)),
            "unique": _by_name(seen.get_unique_constraints(table)),
            "indexes": _by_name(seen.get_indexes(table)),
            "checks": _by_name(seen.get_check_constraints(table)),
            "options": seen.get_table_options(table),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    } | {"triggers": _guarded()}


def _column(column: Any) -> tuple[str, ...]:
    kind = column["type"]
    return (
        column["name"],
        str(kind),
        str(getattr(kind, "collation", None)),
        str(column["nullable"]),
        str(column["default"]),
    )


def _by_name(found: Any) -> list[Any]:
    return sorted(found, key=lambda entry: str(entry["name"]))


def _guarded() -> list[tuple[str, str]]:
    """Return which tables have a trigger, and what it looks at."""
    if db.engine.dialect.name == "sqlite":
        query = (
            "SELECT tbl_name, CASE WHEN sql LIKE '%BEFORE UPDATE%' THEN 'UPDATE' "
            "WHEN sql LIKE '%BEFORE DELETE%' THEN 'DELETE' END FROM sqlite_master WHERE type = 'trigger'"
        )
    else:
        query = (
            "SELECT event_object_table, event_manipulation FROM information_schema.triggers "
            "WHERE trigger_schema = DATABASE()"
        )
    with db.engine.connect() as connection:
        return sorted((str(table), str(event)) for table, event in connection.execute(text(query)))
