"""A year's books at once, written row by row, and how fast ``flask ledger verify`` reads them."""

import json
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from benchmarks.place import BIN, Place
from murph.core.db import Base, db
from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger.models import JournalTxn, LedgerAccount, LedgerEntry, LedgerTransfer
from murph.session.models import SessionMeter, WatchSession
from murph.wallet.models import Hold, TopUp
from tests.support.databases import make_app, migrate
from tests.support.processes import ROOT

SESSIONS_PER_STUDENT = 50
ENTRIES_PER_STUDENT = 2 + 8 * SESSIONS_PER_STUDENT
TEACHERS = 50
BATCH = 2_000
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAID_IN, LOCKED, TEACHER, FEE = 100_000, 3_000, 400, 100
TERMS = {"currency": "USD", "price_per_minute_minor": 300, "fee_bps": 2_000, "locked_minor": LOCKED}
Row = dict[str, Any]


@dataclass
class Account:
    """An account as its postings so far leave it."""

    id: UUID = field(default_factory=new_id)
    balance_minor: int = 0
    seq: int = 0


class Books:
    """Rows of every table that a verdict is about, as the program would have written them."""

    def __init__(self) -> None:
        self.rows: dict[type[Base], list[Row]] = defaultdict(list)
        self._accounts: dict[str, Account] = defaultdict(Account)
        self._teachers = [new_id() for _ in range(TEACHERS)]

    def add_student(self) -> None:
        """Let a student top up once and be paid for fifty visits."""
        user_id, top_up_id = new_id(), new_id()
        paid: Row = {"id": top_up_id, "user_id": user_id, "amount_minor": PAID_IN, "currency": "USD"}
        moments = {"created_at": AT, "expires_at": AT, "paid_at": AT, "gateway_status_at": AT}
        self.rows[TopUp].append(
            paid
            | moments
            | {"gateway": "sandbox", "payment_id": str(top_up_id), "status": "paid", "is_test_money": True}
        )
        available = codes.user_available(user_id)
        self._post("topup", "topup", top_up_id, (codes.external_topup("sandbox"), available, PAID_IN))
        for number in range(SESSIONS_PER_STUDENT):
            self._add_visit(user_id, self._teachers[number % TEACHERS])

    def _add_visit(self, user_id: UUID, teacher_id: UUID) -> None:
        session_id, hold_id, captured = new_id(), new_id(), TEACHER + FEE
        hold: Row = {"id": hold_id, "user_id": user_id, "amount_minor": LOCKED, "captured_minor": captured}
        hold |= {"released_minor": LOCKED - captured, "currency": "USD", "state": "captured"}
        hold |= {"purpose": "session", "ref": str(session_id), "created_at": AT, "closed_at": AT}
        self.rows[Hold].append(hold)
        self.rows[WatchSession].append(_session(session_id, user_id, teacher_id, hold_id))
        meter = {"session_id": session_id, "used_ms": 100_000, "wall_ms": 100_000, "last_at": AT}
        self.rows[SessionMeter].append(meter | {"affordable_ms": 600_000, "locked_minor": LOCKED})
        available, locked = codes.user_available(user_id), codes.user_locked(user_id)
        self._post("lock", "session", session_id, (available, locked, LOCKED))
        shares = ((codes.teacher_earned(teacher_id), TEACHER), (codes.PLATFORM_FEE, FEE))
        legs = [(locked, receiver, share) for receiver, share in (*shares, (available, LOCKED - captured))]
        self._post("settle", "session", session_id, *legs)

    def _post(self, kind: str, ref_type: str, ref_id: UUID, *legs: tuple[str, str, int]) -> None:
        journal: Row = {"id": new_id(), "kind": kind, "ref_type": ref_type, "ref_id": str(ref_id)}
        self.rows[JournalTxn].append(journal | {"part": 0, "created_at": AT})
        for number, (debit, credit, amount) in enumerate(legs):
            transfer = {"id": new_id(), "txn_id": journal["id"], "leg": number, "currency": "USD"}
            sides = {"debit_id": self._accounts[debit].id, "credit_id": self._accounts[credit].id}
            self.rows[LedgerTransfer].append(transfer | sides | {"amount_minor": amount})
            self._enter(transfer, "D", self._accounts[debit], -amount)
            self._enter(transfer, "C", self._accounts[credit], amount)

    def _enter(self, transfer: Mapping[str, Any], side: str, account: Account, change: int) -> None:
        account.balance_minor += change
        account.seq += 1
        entry: Row = {"transfer_id": transfer["id"], "side": side, "account_id": account.id}
        entry |= {"amount_minor": abs(change), "balance_after_minor": account.balance_minor}
        self.rows[LedgerEntry].append(entry | {"seq": account.seq, "created_at": AT})

    def close(self) -> None:
        """Write down what the accounts have come to."""
        for code, account in self._accounts.items():
            nature = {"is_unbounded": codes.is_unbounded(code), "owner": codes.owner(code)}
            figures = {"balance_minor": account.balance_minor, "min_balance_minor": 0, "seq": account.seq}
            row = {"id": account.id, "code": code, "currency": "USD"}
            self.rows[LedgerAccount].append(row | nature | figures)


def _session(session_id: UUID, user_id: UUID, teacher_id: UUID, hold_id: UUID) -> Row:
    people = {"student_id": user_id, "teacher_id": teacher_id, "course_id": session_id}
    shares = {"cost_minor": TEACHER + FEE, "fee_minor": FEE, "teacher_minor": TEACHER, "used_ms": 100_000}
    ended_at = AT + timedelta(seconds=100)
    moments = {"created_at": AT, "started_at": AT, "ended_at": ended_at, "settled_at": ended_at}
    return {"id": session_id, "status": "completed", "hold_id": hold_id} | people | TERMS | shares | moments


def write(place: Place, entries: int) -> int:
    """Fill an empty database with about `entries` ledger entries; return how many there are."""
    migrate(place.database_url, place.folder)
    books = Books()
    for _ in range(max(1, entries // ENTRIES_PER_STUDENT)):
        books.add_student()
    books.close()
    with make_app(place.database_url, place.folder).app_context():
        # Courses and people, whom no check asks for, are left out.
        with db.engine.begin() as connection:
            connection.execute(text("SET foreign_key_checks = 0"))
            for model, rows in books.rows.items():
                for first in range(0, len(rows), BATCH):
                    connection.execute(insert(model), rows[first : first + BATCH])
            connection.execute(text("SET foreign_key_checks = 1"))
        db.engine.dispose()
    return len(books.rows[LedgerEntry])


def verify(place: Place, entries: int) -> dict[str, float]:
    """Run the command in a process of its own; return entries per second, and where the rest of it went."""
    command = [str(BIN / "flask"), "ledger", "verify", "--json"]
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | place.env, capture_output=True, text=True, check=True, timeout=300
    )
    whole_s = time.perf_counter() - began
    checks = json.loads(done.stdout)["checks"]
    checks_s = sum(check["took_ms"] for check in checks) / 1000
    return {"entries_per_s": entries / checks_s, "checks_s": checks_s, "command_s": whole_s}


def walk(place: Place, entries: int) -> dict[str, float]:
    """Follow every account's history in Python, as a program without queries of its own would (I3 alone)."""
    with make_app(place.database_url, place.folder).app_context():
        began = time.perf_counter()
        order = (LedgerEntry.account_id, LedgerEntry.seq)
        found = db.session.query(LedgerEntry).order_by(*order).yield_per(1000)
        balances: dict[UUID, int] = defaultdict(int)
        for entry in found:
            balances[entry.account_id] += entry.amount_minor * (1 if entry.side == "C" else -1)
            assert balances[entry.account_id] == entry.balance_after_minor
        took_s = time.perf_counter() - began
        db.session.remove()
        db.engine.dispose()
    return {"entries_per_s": entries / took_s, "checks_s": took_s}
