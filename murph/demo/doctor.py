"""Looks at a deployment: what is configured, what answers, what is missing and how to mend it.

Secrets are compared, never shown.
"""

import json
import resource
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, bindparam, text
from sqlalchemy.exc import SQLAlchemyError

from murph.core.db import append_only
from murph.core.ids import new_id
from murph.gateways import ai, payment, storage
from murph.gateways.payment.port import GatewayUnavailable, KeyRefused, PaymentGateway
from murph.media import ffmpeg
from murph.wallet.service.payouts import TEST_MONEY_ACCOUNTS

SQLITE_PRAGMAS = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
FILES_BESIDE_SOCKETS = 200
"""Open files a web process needs for everything that is not a player."""


class Verdict(StrEnum):
    """How a finding is to be read; only ``missing`` needs mending."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` is the command or setting that helps."""

    name: str
    verdict: Verdict
    detail: str
    mend: str = ""


def examine(
    *, config: Mapping[str, Any], engine: Engine, migrations: Config, queue_answers: bool
) -> list[Finding]:
    """Return what there is to say about this deployment."""
    return [
        _environment(config),
        *_secrets(config),
        *(_open_to_all(config) if config["MURPH_ENV"] == "production" else ()),
        *_database(config, engine, migrations),
        _queue(config, queue_answers),
        _storage(storage.from_config(config)),
        _sockets(config),
        *_money(config),
        _assistant(ai.from_config(config)),
        _ffmpeg(),
    ]


def _finding(name: str, is_well: bool, detail: str, mend: str) -> Finding:
    return Finding(name, Verdict.OK, detail) if is_well else Finding(name, Verdict.MISSING, detail, mend)


def _environment(config: Mapping[str, Any]) -> Finding:
    return Finding("environment", Verdict.NOTE, f"{config['MURPH_ENV']}, answers at {config['PUBLIC_URL']}")


def _secrets(config: Mapping[str, Any]) -> Iterator[Finding]:
    made = _generated_secrets(Path(config["INSTANCE_PATH"]) / "secrets.json")
    for name in ("SECRET_KEY", "JWT_SECRET_KEY", "MEDIA_KEY"):
        if config[name] == made.get(name):
            yield Finding(
                name, Verdict.NOTE, "generated once into the instance folder", f"set {name} in production"
            )
        else:
            yield Finding(name, Verdict.OK, "set by you")


def _open_to_all(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Look at what production may be run with and rarely should be."""
    detail = "off: passwords can be tried without end" if not config["RATE_LIMITS_ENABLED"] else "on"
    yield _finding("rate limits", config["RATE_LIMITS_ENABLED"], detail, "RATE_LIMITS_ENABLED=true")
    address = urlsplit(config["PUBLIC_URL"])
    host = address.hostname or ""
    is_public = bool({".", ":"} & set(host)) and host != "::1" and not host.startswith("127.")
    detail = "passwords and tokens go over the network in the clear, and cookies are not marked Secure"
    if address.scheme == "http" and is_public:
        yield Finding(
            "encryption", Verdict.MISSING, detail, "https:// in PUBLIC_URL, and a proxy that has it"
        )
    if config["DATABASE_URL"].startswith("sqlite"):
        detail = "SQLite: one host with one web process, and files that stay on it"
        yield Finding("room to grow", Verdict.NOTE, detail, "a DATABASE_URL of MySQL or MariaDB")


def _generated_secrets(path: Path) -> dict[str, str]:
    try:
        made: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return made


def _database(config: Mapping[str, Any], engine: Engine, migrations: Config) -> Iterator[Finding]:
    url = engine.url.render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            yield Finding("database", Verdict.OK, f"{_kind_and_version(connection)} at {url}")
            migrated = _migrations(connection, migrations)
            yield migrated
            if migrated.verdict is Verdict.OK:
                yield _currency(connection, config["CURRENCY"])
                if not payment.from_config(config).is_test_money:
                    yield _money_of_before(connection)
            triggers = _triggers(connection)
            yield triggers
            yield from _sqlite(connection) if _is_sqlite(connection) else _mysql(connection, triggers)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        mend = "start the database, or set DATABASE_URL (without it: a SQLite file)"
        yield Finding("database", Verdict.MISSING, f"{url} does not answer: {reason}", mend)


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _kind_and_version(connection: Connection) -> str:
    if _is_sqlite(connection):
        return f"SQLite {_one(connection, 'SELECT sqlite_version()')}"
    version = _one(connection, "SELECT version()")
    return f"{'MariaDB' if 'mariadb' in version.lower() else 'MySQL'} {version}"


def _one(connection: Connection, statement: str) -> str:
    return str(connection.execute(text(statement)).scalar_one())


def _migrations(connection: Connection, config: Config) -> Finding:
    wanted = set(ScriptDirectory.from_config(config).get_heads())
    present = set(MigrationContext.configure(connection).get_current_heads())
    detail = f"at {', '.join(sorted(present)) or 'nothing'}, newest is {', '.join(sorted(wanted))}"
    return _finding("migrations", present == wanted, detail, "flask db upgrade")


def _triggers(connection: Connection) -> Finding:
    if _is_sqlite(connection):
        statement = "SELECT lower(tbl_name), lower(sql) FROM sqlite_master WHERE type = 'trigger'"
    else:
        statement = (
            "SELECT lower(event_object_table), lower(concat(action_timing, ' ', event_manipulation, ' on'))"
            " FROM information_schema.triggers WHERE trigger_schema = database()"
        )
    found = connection.execute(text(statement)).all()
    absent = [
        f"{verb} on {table}"
        for table in sorted(append_only.TABLES)
        for verb in ("update", "delete")
        if not any(on == table and f"before {verb} on" in what for on, what in found)
    ]
    sound = "the journal and the audit log can only be appended to"
    detail = f"nothing refuses {', '.join(absent)}" if absent else sound
    mend = "flask db upgrade; when the migrations are at their newest, restore the schema from a backup"
    return _finding("ledger triggers", not absent, detail, mend)


def _sqlite(connection: Connection) -> Iterator[Finding]:
    values = {name: _one(connection, f"PRAGMA {name}") for name in SQLITE_PRAGMAS}
    detail = ", ".join(f"{name}={value}" for name, value in values.items())
    mend = "put the instance folder on a local disk: network file systems cannot keep a WAL"
    yield _finding("sqlite pragmas", values == SQLITE_PRAGMAS, detail, mend)


def _mysql(connection: Connection, triggers: Finding) -> Iterator[Finding]:
    level = connection.get_isolation_level()
    mend = "allow SET SESSION TRANSACTION for the database user"
    yield _finding("isolation level", level == "READ COMMITTED", level, mend)
    if _one(connection, "SELECT @@log_bin") == "1":
        trusted = _one(connection, "SELECT @@log_bin_trust_function_creators") == "1"
        yield Finding(
            "binary logging",
            # A user with SUPER makes triggers all the same.
            Verdict.OK if trusted else Verdict.NOTE if triggers.verdict is Verdict.OK else Verdict.MISSING,
            f"on; log_bin_trust_function_creators is {'on' if trusted else 'off'}",
            "" if trusted else "SET GLOBAL log_bin_trust_function_creators = 1, and the same in my.cnf",
        )


def _queue(config: Mapping[str, Any], answers: bool) -> Finding:
    address = str(config["REDIS_URL"]).rsplit("@", 1)[-1]
    detail = f"{address} {'answers' if answers else 'does not answer: nothing is settled'}"
    return _finding("queue", answers, detail, "make run, or set REDIS_URL to a Redis or Valkey server")


def _storage(files: storage.Storage) -> Finding:
    """Write, read and remove a test object."""
    key, content = f"doctor/{new_id().hex}", b"written by flask doctor"
    try:
        files.put(key, content, content_type="text/plain")
        is_kept = files.read(key) == content
        files.delete([key])
    except (storage.ObjectMissing, storage.StorageAway) as error:
        mend = "look at STORAGE_URL, the AWS_ settings, the rights of who runs this, and the room"
        return Finding("storage", Verdict.MISSING, f"{files.where}: {storage.reason(error)}", mend)
    kept = "can be written, read and removed" if is_kept else "gives back something else than was written"
    return _finding("storage", is_kept, f"{files.where}: objects {kept}", "use another storage")


def _sockets(config: Mapping[str, Any]) -> Finding:
    players = config["MAX_SOCKETS"]
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # the server raises the soft limit to it
    needed = players + FILES_BESIDE_SOCKETS
    detail = f"{players} players a web process, {files} open files allowed"
    is_enough = files == resource.RLIM_INFINITY or files >= needed
    return _finding("sockets", is_enough, detail, f"ulimit -Hn {needed}, or a smaller MAX_SOCKETS")


def _money(config: Mapping[str, Any]) -> Iterator[Finding]:
    gateway, key = payment.from_config(config), config["FINTERNET_API_KEY"]
    worth = "test money only" if gateway.is_test_money else "real money"
    verdict = Verdict.NOTE if gateway.is_test_money else Verdict.OK
    live = "a FINTERNET_API_KEY that begins with sk_live_ takes real money"
    mend = live if gateway.is_test_money else ""
    yield Finding("payment", verdict, f"{gateway.name} gateway: {worth}, in {config['CURRENCY']}", mend)
    if key:
        yield _access(gateway, config["FINTERNET_API_URL"])
    if key and not config["FINTERNET_WEBHOOK_SECRET"]:
        detail = "the gateway's events are refused: payments are found by asking for them"
        yield Finding("payment events", Verdict.NOTE, detail, "set FINTERNET_WEBHOOK_SECRET")


def _access(gateway: PaymentGateway, url: str) -> Finding:
    name = "payment gateway"
    try:
        gateway.check_access()
    except KeyRefused as refusal:
        detail = f"{url} does not take the key: {refusal.__cause__}"
        return Finding(
            name, Verdict.MISSING, detail, "set FINTERNET_API_KEY to the key of your account there"
        )
    except GatewayUnavailable as silence:
        detail = f"no usable answer from {url}: {silence.__cause__ or 'see the log'}"
        return Finding(name, Verdict.MISSING, detail, "look at FINTERNET_API_URL and at the network")
    return Finding(name, Verdict.OK, f"{url} answers and takes the key")


def _currency(connection: Connection, wanted: str) -> Finding:
    other = text("SELECT currency FROM ledger_account WHERE currency <> :wanted LIMIT 1")
    kept = connection.execute(other, {"wanted": wanted}).scalar() or wanted
    detail = f"the books are kept in {kept}" + ("" if kept == wanted else f", and CURRENCY says {wanted}")
    return _finding("currency", kept == wanted, detail, f"CURRENCY={kept}, or a database of its own")


def _money_of_before(connection: Connection) -> Finding:
    movements = text(
        "SELECT count(*) FROM ledger_entry JOIN ledger_account ON ledger_account.id = account_id"
        " WHERE code IN :codes"
    ).bindparams(bindparam("codes", TEST_MONEY_ACCOUNTS, expanding=True))
    credited = str(connection.execute(movements).scalar_one())
    detail = (
        f"{credited} top-ups in test money were credited here, and wallets do not tell it from real money:"
        " no payout can be confirmed"
    )
    mend = "take real money on a database of its own"
    return _finding("test money", credited == "0", detail if credited != "0" else "never held here", mend)


def _assistant(assistant: ai.Assistant) -> Finding:
    if assistant.is_configured:
        return Finding("assistant", Verdict.OK, f"asks {', '.join(assistant.names)}, in this order")
    mend = "set GOOGLE_AI_API_KEY, OPENAI_API_KEY, ANTHROPIC_API_KEY or GROQ_API_KEY to have models explain"
    return Finding("assistant", Verdict.NOTE, "offline: answers in sentences of our own", mend)


def _ffmpeg() -> Finding:
    tools = ffmpeg.installed()
    if tools is None:
        detail = "not found: of uploads only MP4 (H.264 and AAC) is taken, and delivered as it is"
        return Finding("ffmpeg", Verdict.NOTE, detail, "make setup-media, or apt-get install -y ffmpeg")
    return Finding("ffmpeg", Verdict.OK, tools.ffmpeg)
