"""The SQL of the hot path: meters and slices of many sessions in one statement each."""

import json
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from pymysql.converters import escape_string
from sqlalchemy import Connection, CursorResult, select, update

from murph.metering.intervals import shortened
from murph.session.models import SessionMeter, WatchSession, WatchSlice, closing_slice_id
from murph.session.player import MeterRow, SliceRow

log = structlog.get_logger(__name__)

_COLUMNS = (
    "session_id, epoch, state, used_ms, wall_ms, affordable_ms, locked_minor, attend_at, idle_ms, "
    "video_id, position_ms, moves, last_at"
)
_WRITTEN = ("state", "used_ms", "wall_ms", "attend_at", "idle_ms", "video_id", "position_ms")
_INSERT = f"INSERT INTO session_meter ({_COLUMNS}) VALUES "
_ON_DUPLICATE_MYSQL = (
    " ON DUPLICATE KEY UPDATE "
    + ", ".join(f"{name} = IF(epoch = VALUES(epoch), VALUES({name}), {name})" for name in _WRITTEN)
    + ", moves = IF(epoch = VALUES(epoch), moves + 1, moves)"
    + ", last_at = IF(epoch = VALUES(epoch), UTC_TIMESTAMP(6), last_at)"
)
_UPSERT_SQLITE = (
    _INSERT
    + f"({', '.join(['?'] * 13)}) ON CONFLICT (session_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _WRITTEN)
    + ", moves = moves + 1, last_at = strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"
    + " WHERE session_meter.epoch = excluded.epoch"
)
_SLICE_COLUMNS = "id, session_id, video_id, used_ms, cost_minor, runs, created_at"
_SLICE_MYSQL = (
    f"INSERT INTO watch_slice ({_SLICE_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s) "
    "ON DUPLICATE KEY UPDATE id = id"
)
_SLICE_SQLITE = (
    f"INSERT INTO watch_slice ({_SLICE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
)


class StoredMeter(NamedTuple):
    """What the database says of a meter: its owner's epoch, and how far its lock reaches."""

    epoch: int
    affordable_ms: int
    locked_minor: int


def write(
    connection: Connection, meters: Sequence[MeterRow], slices: Sequence[SliceRow], *, attend_at: datetime
) -> None:
    """Write these rows in the open transaction; a meter with another epoch stays as it is.

    A slice of another epoch credits nothing: what was credited until then has been closed without it.

    The sweep looks at the meters at `attend_at`, unless they are written again before.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    if meters:
        due = _written(attend_at)
        if is_sqlite:
            connection.exec_driver_sql(_UPSERT_SQLITE, [_meter_values(row, due) for row in meters])
        else:
            rows = ", ".join([_meter_literal(row, due) for row in meters])
            connection.exec_driver_sql(_INSERT + rows + _ON_DUPLICATE_MYSQL)
    if slices:
        _write_slices(connection, slices)


def _write_slices(connection: Connection, slices: Sequence[SliceRow]) -> None:
    found = _select(connection, "session_id, epoch", [piece.session_id for piece in slices])
    epochs = {UUID(hexadecimal): epoch for hexadecimal, epoch in found}
    own = [piece for piece in slices if epochs.get(piece.session_id) == piece.epoch]
    if own:
        insert = _SLICE_SQLITE if connection.dialect.name == "sqlite" else _SLICE_MYSQL
        connection.exec_driver_sql(insert, [_slice_values(piece) for piece in own])
    if len(own) < len(slices):
        _fill(connection, [piece for piece in slices if epochs.get(piece.session_id) != piece.epoch])


def _fill(connection: Connection, late: Sequence[SliceRow]) -> None:
    """Write what superseded owners watched into the slices that were closed for them.

    An owner may have gone on for a moment after another had taken the meter over: that time does not
    count, and neither do its runs.
    """
    pieces = {closing_slice_id(piece.session_id, begun_ms=piece.begun_ms): piece for piece in late}
    closed = select(WatchSlice.id, WatchSlice.used_ms).where(WatchSlice.id.in_(pieces), WatchSlice.runs == {})
    for slice_id, used_ms in connection.execute(closed).all():
        piece = pieces[slice_id]
        share = min(Fraction(used_ms, piece.used_ms), Fraction(1))
        runs = shortened(piece.runs, share=share)
        connection.execute(update(WatchSlice).where(WatchSlice.id == slice_id).values(runs=runs))
        log.info("flush.late_slice", session=str(piece.session_id), of_ms=piece.used_ms, to_ms=used_ms)


def are_as_known(connection: Connection, meters: Sequence[MeterRow]) -> bool:
    """Tell whether every meter still has its row's epoch and limit, by two sums instead of every row.

    Neither ever falls, so that the sums agree only if all of them do.
    """
    if not meters:
        return True
    found = _select(connection, "SUM(epoch), SUM(affordable_ms)", [row.session_id for row in meters])
    epochs, affordable_ms = found.one()
    known = (sum(row.epoch for row in meters), sum(row.affordable_ms for row in meters))
    return (epochs, affordable_ms) == known


def read_back(connection: Connection, session_ids: Sequence[UUID]) -> dict[UUID, StoredMeter]:
    """Return the meters of these sessions as the open transaction sees them."""
    rows = _select(connection, "session_id, epoch, affordable_ms, locked_minor", session_ids)
    return {UUID(hexadecimal): StoredMeter(*rest) for hexadecimal, *rest in rows}


def lock_free(connection: Connection, session_ids: Sequence[UUID]) -> set[UUID]:
    """Lock those of these sessions and their meters that no other transaction holds; return which.

    Both rows: a slice refers to its session's. SQLite knows no such locks.
    """
    query = (
        select(SessionMeter.session_id)
        .join(WatchSession, WatchSession.id == SessionMeter.session_id)
        .where(SessionMeter.session_id.in_(session_ids))
        .with_for_update(skip_locked=True)
    )
    return set(connection.scalars(query))


def _select(connection: Connection, columns: str, ids: Sequence[UUID]) -> CursorResult[*tuple[Any, ...]]:
    literals = "', '".join([session_id.hex for session_id in ids])
    return connection.exec_driver_sql(
        f"SELECT {columns} FROM session_meter WHERE session_id IN ('{literals}')"
    )


def _meter_values(row: MeterRow, attend_at: str) -> tuple[Any, ...]:
    return (
        row.session_id.hex,
        row.epoch,
        row.state.value,
        row.used_ms,
        row.wall_ms,
        row.affordable_ms,
        row.locked_minor,
        attend_at,
        row.idle_ms,
        row.video_id,
        row.position_ms,
        0,
        attend_at,
    )


def _meter_literal(row: MeterRow, attend_at: str) -> str:
    # PyMySQL takes seven times as long to put these values into the statement. They are numbers and
    # words of ours; the one text, though it was compared with the course's ids, is escaped.
    idle_ms = "NULL" if row.idle_ms is None else row.idle_ms
    video_id = "NULL" if row.video_id is None else f"'{escape_string(row.video_id)}'"
    position_ms = "NULL" if row.position_ms is None else row.position_ms
    return (
        f"('{row.session_id.hex}', {row.epoch}, '{row.state.value}', {row.used_ms}, {row.wall_ms}, "
        f"{row.affordable_ms}, {row.locked_minor}, '{attend_at}', {idle_ms}, "
        f"{video_id}, {position_ms}, 0, '{attend_at}')"
    )


def _slice_values(piece: SliceRow) -> tuple[Any, ...]:
    runs = json.dumps(piece.runs, separators=(",", ":"))
    return (
        piece.id.hex,
        piece.session_id.hex,
        piece.video_id,
        piece.used_ms,
        piece.cost_minor,
        runs,
        _written(piece.created_at),
    )


def _written(moment: datetime) -> str:
    return moment.isoformat(" ", "microseconds").removesuffix("+00:00")
