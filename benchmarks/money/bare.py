"""The bare limit of settling: the rows that settlements wrote, written again, one commit for each.

A process of its own, on copies of the tables without their triggers and foreign keys, with statements
made beforehand: nothing is read, locked or decided. It prints one line of JSON.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pymysql
from sqlalchemy import make_url

COPIED = ("journal_txn", "ledger_transfer", "ledger_entry", "ledger_account", "hold", "watch_session")
FILLED = ("ledger_account", "hold", "watch_session")
Row = tuple[Any, ...]


class Bare:
    """One connection, and what it writes."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self._connection = pymysql.connect(
            unix_socket=str(parsed.query["unix_socket"]), user="root", database=parsed.database
        )
        self._cursor = self._connection.cursor()

    def run(self, count: int) -> dict[str, float]:
        """Write the newest `count` settlements again, and say how long that took."""
        newest = "SELECT * FROM journal_txn WHERE kind = 'settle' ORDER BY created_at DESC, id DESC LIMIT %s"
        journals = self._rows(newest, count)
        transfers = self._by_first("SELECT t.txn_id, t.* FROM ledger_transfer t")
        entries = self._by_first(
            "SELECT t.txn_id, e.* FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id"
        )
        hold_ids = {row[0]: str(row[1]) for row in self._rows("SELECT ref, id FROM hold")}
        self._copy_tables()
        began, cpu_began_s = time.perf_counter(), time.process_time()
        for journal in journals:
            self._write(journal, transfers[journal[0]], entries[journal[0]], hold_ids[journal[3]])
        return {
            "settled": len(journals),
            "seconds": time.perf_counter() - began,
            "cpu_s": time.process_time() - cpu_began_s,
        }

    def _write(self, journal: Row, transfers: Sequence[Row], entries: Sequence[Row], hold_id: str) -> None:
        self._insert("journal_txn", [journal])
        self._insert("ledger_transfer", transfers)
        self._insert("ledger_entry", entries)
        accounts = list({entry[2] for entry in entries})
        self._cursor.execute(
            "UPDATE bare_ledger_account SET balance_minor = balance_minor + 1, seq = seq + 1 WHERE id IN %s",
            (accounts,),
        )
        session_id = str(journal[3]).replace("-", "")
        self._cursor.execute("UPDATE bare_hold SET closed_at = NOW(6) WHERE id = %s", (hold_id,))
        self._cursor.execute("UPDATE bare_watch_session SET settled_at = NOW(6) WHERE id = %s", (session_id,))
        self._cursor.execute("COMMIT")

    def _copy_tables(self) -> None:
        for table in COPIED:
            self._cursor.execute(f"DROP TABLE IF EXISTS bare_{table}")
            self._cursor.execute(f"CREATE TABLE bare_{table} LIKE {table}")
        for table in FILLED:
            self._cursor.execute(f"INSERT INTO bare_{table} SELECT * FROM {table}")
        self._cursor.execute("COMMIT")

    def _insert(self, table: str, rows: Iterable[Row]) -> None:
        written = list(rows)
        places = ", ".join(["%s"] * len(written[0]))
        self._cursor.executemany(f"INSERT INTO bare_{table} VALUES ({places})", written)

    def _by_first(self, query: str) -> dict[Any, list[Row]]:
        grouped: dict[Any, list[Row]] = defaultdict(list)
        for first, *rest in self._rows(query):
            grouped[first].append(tuple(rest))
        return grouped

    def _rows(self, query: str, *values: object) -> Sequence[Row]:
        self._cursor.execute(query, values)
        found: Sequence[Row] = self._cursor.fetchall()
        return found


if __name__ == "__main__":
    print(json.dumps(Bare(sys.argv[1]).run(int(sys.argv[2]))))
