"""Makes ticks durable: as soon as one commit returns, everything dirty goes into the next.

Under light load a batch is one row and an ack waits for one commit; under heavy load the batch
grows by itself. No ledger, no ORM object and no Redis is on this path.
"""

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from murph.core import clock, metrics
from murph.core.db import WRITE_OPTION, is_connection_loss, is_contention
from murph.session import meter_rows
from murph.session.going_on import going_on
from murph.session.meter_rows import StoredMeter
from murph.session.player import Ack, MeterRow, Player, Signal, SliceRow
from murph.session.rules import MAX_INTERVAL_FACTOR, Rules

log = structlog.get_logger(__name__)

T = TypeVar("T")

_DURATION = metrics.histogram(
    "murph_flush_duration_seconds",
    "Time to make one batch of meters durable.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_BATCH = metrics.histogram(
    "murph_flush_batch_sessions",
    "Sessions of one batch.",
    buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500),
)
_FAILURES = metrics.counter("murph_flush_failures_total", "Batches the database did not take.", "reason")
TICKS = metrics.counter("murph_ticks_total", "Ticks of players, by what became of them.", "outcome")
_DURABLE, _SUPERSEDED = TICKS.labels("durable"), TICKS.labels("superseded")

MAX_BATCH_ROWS = 500
SLOW_FLUSH_S = 0.25
FLUSHES_PER_JUDGEMENT = 50
RETRY_DELAY_S = 0.5


@dataclass(slots=True)
class Entry:
    """What one player waits for: its latest row and the ticks that row makes durable."""

    player: Player
    row: MeterRow
    acks: list[Ack] = field(default_factory=list)
    slices: list[SliceRow] = field(default_factory=list)


class Flusher:
    """The one writer of meters in this process, on a connection and a thread of its own."""

    def __init__(self, engine: Engine, rules: Rules) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._silence = rules.silence
        self._base_interval_ms = self.interval_ms = rules.interval_ms
        # Filled at one end by any thread and emptied at the other by one: safe without a lock.
        self._rows: deque[tuple[Player, MeterRow, Ack | None, SliceRow | None]] = deque()
        self._waiting: deque[threading.Event] = deque()
        self._postponed: list[Entry] = []
        self._skips_locked = False
        self._work = threading.Event()
        self._durations_s: deque[float] = deque(maxlen=FLUSHES_PER_JUDGEMENT)
        threading.Thread(target=self._run, name="flusher", daemon=True).start()

    def submit(self, player: Player, row: MeterRow, ack: Ack | None, piece: SliceRow | None) -> None:
        """Make a player's latest row and a piece of its evidence durable, then acknowledge its ticks."""
        self._rows.append((player, row, ack, piece))
        self._work.set()

    def wait_until_durable(self, timeout_s: float) -> bool:
        """Wait until everything submitted so far is durable; tell whether that happened in time."""
        done = threading.Event()
        self._waiting.append(done)
        self._work.set()
        return done.wait(timeout_s)

    def _run(self) -> None:
        while True:
            self._work.wait(RETRY_DELAY_S if self._postponed else None)
            self._work.clear()
            with going_on("flush.failed"):
                self._flush_all()

    def _flush_all(self) -> None:
        waiting = _drained(self._waiting)  # before the rows: what they wait for was submitted by then
        entries, self._postponed = self._entries(), []
        batches = deque(_chunks(entries, MAX_BATCH_ROWS))
        while batches and self._make_durable(batches[0]):
            batches.popleft()
        self._postponed += [entry for batch in batches for entry in batch]
        self._skips_locked = self._skips_locked and bool(self._postponed)
        if self._postponed:
            self._waiting.extendleft(waiting)
            return
        for done in waiting:
            done.set()

    def _entries(self) -> list[Entry]:
        """Return one entry for each player that submitted something: its latest row, all its ticks."""
        entries = {entry.player: entry for entry in self._postponed}
        for player, row, ack, piece in _drained(self._rows):
            entry = entries.get(player)
            if entry is None:
                entry = entries[player] = Entry(player, row)
            entry.row = row
            if ack is not None:
                entry.acks.append(ack)
            if piece is not None:
                entry.slices.append(piece)
        # Sorted, so that two processes lock the rows in the same order.
        return sorted(entries.values(), key=lambda entry: entry.row.session_id.int)

    def _make_durable(self, batch: Sequence[Entry]) -> bool:
        """Write one batch and deliver what it says; return False when the database takes nothing now."""
        # Who left while the database was away was never told of this time, and is not charged for it.
        entries = [entry for entry in batch if not entry.player.is_gone]
        started_s = time.monotonic()
        try:
            written, found = self._write(entries)
        except SQLAlchemyError as error:
            self._disconnect()
            if isinstance(error, DBAPIError) and not _may_pass(error):
                self._isolate(entries, error)
                return True
            _FAILURES.labels("contention" if is_contention(error) else "away").inc()
            log.warning("flush.waiting_for_database", sessions=len(entries), reason=str(error))
            self._skips_locked = is_contention(error) and not self._is_sqlite
            if not self._skips_locked:
                time.sleep(RETRY_DELAY_S)
            return False
        self._judge(time.monotonic() - started_s)
        _BATCH.observe(len(written))
        self._deliver(written, found)
        return True

    def _isolate(self, entries: Sequence[Entry], error: DBAPIError) -> None:
        # One row the database refuses must not stop all the others: find it by writing one by one.
        if len(entries) <= 1:
            _FAILURES.labels("refused").inc()
            log.error("flush.row_refused", reason=str(error.orig), rows=[e.row for e in entries])
            return
        for entry in entries:
            if not self._make_durable([entry]):
                self._postponed.append(entry)

    def _write(self, entries: Sequence[Entry]) -> tuple[Sequence[Entry], dict[UUID, StoredMeter]]:
        """Write one batch; return what was written, and its meters if any has a new owner or a new limit.

        After one row made everybody wait, rows that another transaction holds are put off.
        """
        connection = self._connected()
        with connection.begin():
            if self._skips_locked:
                entries = self._free(connection, entries)
            rows = [entry.row for entry in entries]
            slices = [piece for entry in entries for piece in entry.slices]
            meter_rows.write(connection, rows, slices, attend_at=clock.now() + self._silence)
            if meter_rows.are_as_known(connection, rows):
                return entries, {}
            return entries, meter_rows.read_back(connection, [row.session_id for row in rows])

    def _free(self, connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
        free = meter_rows.lock_free(connection, [entry.row.session_id for entry in entries])
        self._postponed += [entry for entry in entries if entry.row.session_id not in free]
        return [entry for entry in entries if entry.row.session_id in free]

    def _connected(self) -> Connection:
        # Kept: fetching one for every batch would cost two more round trips, its ping and its reset.
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(**{WRITE_OPTION: True})
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _deliver(self, entries: Iterable[Entry], found: Mapping[UUID, StoredMeter]) -> None:
        now_ms, durable = clock.monotonic_ms(), 0
        for entry in entries:
            player = entry.player
            stored = found.get(entry.row.session_id)
            if stored is not None:
                if stored.epoch != entry.row.epoch:
                    player.tell(Signal.CHECK)
                    _SUPERSEDED.inc(len(entry.acks))
                    continue
                player.raise_limit(affordable_ms=stored.affordable_ms, locked_minor=stored.locked_minor)
            player.flushed_at_ms = now_ms
            player.unacked_since_ms = None if entry.row is player.newest_row else now_ms
            for ack in entry.acks:
                player.deliver(ack, interval_ms=self.interval_ms)
            durable += len(entry.acks)
        _DURABLE.inc(durable)  # once for all: a tick more or less costs nothing

    def _judge(self, took_s: float) -> None:
        """Ask players to tick less often while flushes are slow, and more often once they are not."""
        _DURATION.observe(took_s)
        self._durations_s.append(took_s)
        if len(self._durations_s) < FLUSHES_PER_JUDGEMENT:
            return
        slowest_s = max(self._durations_s)
        self._durations_s.clear()
        factor = 1.5 if slowest_s > SLOW_FLUSH_S else 0.75
        wanted_ms = round(self.interval_ms * factor)
        highest_ms = self._base_interval_ms * MAX_INTERVAL_FACTOR
        self.interval_ms = min(max(wanted_ms, self._base_interval_ms), highest_ms)


def _may_pass(error: DBAPIError) -> bool:
    return is_contention(error) or is_connection_loss(error)


def _drained(items: deque[T]) -> list[T]:
    """Take what is there now; what comes meanwhile is for the next batch."""
    return [items.popleft() for _ in range(len(items))]


def _chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
