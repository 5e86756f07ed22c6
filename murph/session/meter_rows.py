"""The SQL of the hot path: meters and slices of many sessions in one statement each."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from murph.session.player import MeterRow, SliceRow

_COLUMNS = (
    "session_id, epoch, state, used_ms, wall_ms, affordable_ms, locked_minor, attend_at, paused_at, "
    "video_id, position_ms, moves, last_at"
)
_WRITTEN = ("state", "used_ms", "wall_ms", "attend_at", "paused_at", "video_id", "position_ms")
# The VALUES tuple holds placeholders only: PyMySQL then sends all rows as one statement.
_INSERT = f"INSERT INTO session_meter ({_COLUMNS}) VALUES "
_UPSERT_MYSQL = (
    _INSERT
    + f"({', '.join(['%s'] * 13)}) ON DUPLICATE KEY UPDATE "
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
_SLICE_COLUMNS = "id, session_id, used_ms, cost_minor, runs, created_at"
_SLICE_MYSQL = (
    f"INSERT INTO watch_slice ({_SLICE_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s) "
    "ON DUPLICATE KEY UPDATE id = id"
)
_SLICE_SQLITE = (
    f"INSERT INTO watch_slice ({_SLICE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
)


def write(connection: Connection, meters: Sequence[MeterRow], slices: Sequence[SliceRow]) -> bool:
    """Write these rows in the open transaction; a meter with another epoch stays as it is.

    Returns whether every meter had its row's epoch, which the number of changed rows tells without
    a query: each write counts up `moves`, and MySQL counts a changed row of an upsert twice.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    changed = 0
    if meters:
        upsert = _UPSERT_SQLITE if is_sqlite else _UPSERT_MYSQL
        written = connection.exec_driver_sql(
            upsert, [_meter_values(row) for row in meters], execution_options={"preserve_rowcount": True}
        )
        changed = written.rowcount
    if slices:
        insert = _SLICE_SQLITE if is_sqlite else _SLICE_MYSQL
        connection.exec_driver_sql(insert, [_slice_values(piece) for piece in slices])
    return changed == len(meters) * (1 if is_sqlite else 2)


def epochs(connection: Connection, session_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the epochs of these sessions' meters as the open transaction sees them."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    ids = {session_id.hex: session_id for session_id in session_ids}
    rows = connection.exec_driver_sql(
        f"SELECT session_id, epoch FROM session_meter WHERE session_id IN ({', '.join([mark] * len(ids))})",
        tuple(ids),
    )
    return {ids[hexadecimal]: epoch for hexadecimal, epoch in rows}


def _meter_values(row: MeterRow) -> tuple[Any, ...]:
    attend_at = _written(row.attend_at)
    return (
        row.session_id.hex,
        row.epoch,
        row.state.value,
        row.used_ms,
        row.wall_ms,
        row.affordable_ms,
        row.locked_minor,
        attend_at,
        None if row.paused_at is None else _written(row.paused_at),
        row.video_id,
        row.position_ms,
        0,
        attend_at,
    )


def _slice_values(piece: SliceRow) -> tuple[Any, ...]:
    runs = json.dumps(piece.runs, separators=(",", ":"))
    created_at = _written(piece.created_at)
    return piece.id.hex, piece.session_id.hex, piece.used_ms, piece.cost_minor, runs, created_at


def _written(moment: datetime) -> str:
    return moment.isoformat(" ", "microseconds").removesuffix("+00:00")
