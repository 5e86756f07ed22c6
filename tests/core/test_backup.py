"""Backups that are made while people pay, seen to be good, and begun again from."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from murph.app.backup import databases, mysql
from murph.app.metrics import States
from murph.core.db import db
from murph.gateways.storage import storage
from tests.support.databases import make_app
from tests.wallet.wallets import person, top_up

FILE = "assets/0123/upload/abc"
ENOUGH = 3


def run(app: Flask, *words: object) -> Result:
    db.session.remove()
    return app.test_cli_runner().invoke(args=["backup", *map(str, words)])


def make(app: Flask, folder: Path, *words: str) -> tuple[Path, dict[str, Any]]:
    done = run(app, "create", folder / "backups", "--json", *words)
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    return Path(made["folder"]), made


@pytest.fixture
def scratch(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of an empty database beside the application's."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'scratch.sqlite3'}"
    url: str = request.getfixturevalue("mariadb_server").create("murph_restored")
    return url


@contextmanager
def paying(app: Flask) -> Iterator[list[int]]:
    """Have somebody pay money in again and again; what is in the list has been acknowledged."""
    paid: list[int] = []
    over, some = threading.Event(), threading.Event()

    def pay() -> None:
        with app.app_context():
            user_id = person()
            while not over.is_set():
                top_up(user_id, 100)
                paid.append(100)
                if len(paid) >= ENOUGH:
                    some.set()
            db.session.remove()

    payer = threading.Thread(target=pay)
    payer.start()
    try:
        assert some.wait(30)
        yield paid
    finally:
        over.set()
        payer.join()


def paid_in(url: str) -> int:
    with create_engine(url).connect() as connection:
        return int(connection.scalar(text("SELECT sum(amount_minor) FROM top_up WHERE status = 'paid'")) or 0)


@pytest.mark.both_databases
@pytest.mark.mariadb_torture
def test_a_backup_made_while_money_moves_has_all_that_was_acknowledged_and_sound_books(
    app: Flask, tmp_path: Path, scratch: str
) -> None:
    with paying(app) as paid:
        acknowledged = sum(paid)
        folder, made = make(app, tmp_path)
        at_most = sum(paid) + 100
    done = run(app, "verify", folder, "--scratch", scratch)
    assert (done.exit_code, "all invariants hold" in done.output) == (0, True), done.output
    assert acknowledged <= paid_in(scratch) <= at_most
    assert made["before"]["money"]["USD"]["user"] >= acknowledged
    with create_engine(scratch).connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("DELETE FROM journal_txn"))


def test_restoring_brings_back_database_and_files_and_says_how_to_go_on(app: Flask, tmp_path: Path) -> None:
    top_up(person(), 700)
    storage().put(FILE, b"a film", content_type="video/mp4")
    folder, made = make(app, tmp_path)
    assert (made["objects"], made["objects_bytes"], made["has_objects"]) == (1, 6, True)
    assert folder.stat().st_mode & 0o077 == 0

    other = make_app(f"sqlite:///{tmp_path / 'new.sqlite3'}", tmp_path / "elsewhere", MEDIA_KEY="k" * 40)
    with other.app_context():
        done = run(other, "restore", folder)
        assert done.exit_code == 0, done.output
        assert "Put back 1 of 1" in done.output
        assert "MEDIA_KEY is not the one of the backup" in done.output
        assert "flask db upgrade" in done.output
        assert storage().read(FILE) == b"a film"
        assert paid_in(other.config["DATABASE_URL"]) == 700
        assert "cli.backup.restore" in other.test_cli_runner().invoke(args=["audit", "list"]).output
        again = run(other, "restore", folder)
        assert (again.exit_code, "tables already" in again.output) == (1, True)


def test_the_age_of_the_newest_backup_is_shown_once_there_is_one(app: Flask, tmp_path: Path) -> None:
    def shown() -> str:
        app.extensions["murph_figures"] = States(app)  # which keeps what it has read
        return app.test_cli_runner().invoke(args=["metrics"]).output

    name = "\nmurph_backup_age_seconds "
    assert name not in shown()
    assert run(app, "create", "/proc/nowhere").exit_code == 1
    assert name not in shown()
    make(app, tmp_path)
    assert float(shown().partition(name)[2].split()[0]) < 600


def test_a_damaged_file_is_found(app: Flask, tmp_path: Path) -> None:
    storage().put(FILE, b"a film", content_type="video/mp4")
    folder, _ = make(app, tmp_path)
    assert run(app, "verify", folder).exit_code == 0
    copy = folder / "objects" / FILE
    copy.write_bytes(b"a frog")
    assert FILE in run(app, "verify", folder).output
    copy.write_bytes(b"a film")
    with (folder / "database.sqlite3").open("r+b") as file:
        file.seek(5000)
        file.write(b"\xff\xfe")
    done = run(app, "restore", folder)
    assert (done.exit_code, "database.sqlite3" in done.output) == (1, True)


def test_rows_that_are_missing_after_a_restore_are_named(app: Flask, tmp_path: Path) -> None:
    top_up(person(), 700)
    folder, made = make(app, tmp_path, "--files", "list")
    made["before"]["rows"]["top_up"] = made["after"]["rows"]["top_up"] = 2
    made.pop("folder")
    (folder / "manifest.json").write_text(json.dumps(made))
    done = run(app, "verify", folder, "--scratch", f"sqlite:///{tmp_path / 'scratch.sqlite3'}", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["complaints"] == ["top_up has 1 rows and should have 2"]


def test_what_does_not_fit_is_refused_before_anything_changes(app: Flask, tmp_path: Path) -> None:
    folder, made = make(app, tmp_path, "--files", "list")
    made.pop("folder")
    scratch = f"sqlite:///{tmp_path / 'scratch.sqlite3'}"
    for change, sentence in (
        ({"revision": "9999_later"}, "later version"),
        ({"database": "mysql"}, "another kind of database"),
        ({"form": 2}, "later version"),
    ):
        (folder / "manifest.json").write_text(json.dumps({**made, **change}))
        done = run(app, "verify", folder, "--scratch", scratch)
        assert (done.exit_code, sentence in done.output) == (1, True), done.output
    assert databases.tables(scratch) == []


def test_a_folder_without_a_backup_is_named_as_such(app: Flask, tmp_path: Path) -> None:
    done = run(app, "verify", tmp_path)
    assert (done.exit_code, "There is no backup here" in done.output) == (1, True)


_OF_MARIADBS_PROGRAM = rb"""/*M!999999\- enable the sandbox mode */
CREATE TABLE `review` (
  `stars` int(11) NOT NULL,
  `standing` double GENERATED ALWAYS AS (`stars` * 2) STORED,
  KEY `ix` (`standing`)
);
INSERT INTO `review` VALUES (2,4);
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER `t` BEFORE DELETE ON `review` */;
"""
_FOR_MYSQL = b"""CREATE TABLE `review` (
  `stars` int(11) NOT NULL,
  `standing` double,
  KEY `ix` (`standing`)
);
INSERT INTO `review` VALUES (2,4);
/*!50003 CREATE*/ /*!50003 TRIGGER `t` BEFORE DELETE ON `review` */;
ALTER TABLE `review` MODIFY `standing` double GENERATED ALWAYS AS (`stars` * 2) STORED;
"""


def test_a_dump_that_mariadbs_program_made_of_mysql_fits_mysql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Debian that is the program which answers to the names of MySQL's."""
    for name, deed in (("mysqldump", f'echo "$@" > {tmp_path}/told'), ("mysql", f"cat > {tmp_path}/given")):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo MariaDB || {deed}\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    url = make_url("mysql+pymysql://murph:secret@db.internal/murph")
    mysql.dump(url, tmp_path / "dump.gz", server="MySQL 8.4.8")
    assert "gtid" not in (tmp_path / "told").read_text()
    (tmp_path / "dump.gz").write_bytes(gzip.compress(_OF_MARIADBS_PROGRAM))
    mysql.load(tmp_path / "dump.gz", url, server="MySQL 8.4.8")
    assert (tmp_path / "given").read_bytes() == _FOR_MYSQL
