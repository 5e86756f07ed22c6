"""Owners and epochs: who was superseded can write, and changes nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import WRITE_OPTION, db
from murph.core.ids import new_id
from murph.metering.credit import PlayState
from murph.session import meter_rows, service
from murph.session.models import SessionMeter, WatchSlice
from murph.session.player import MeterRow, SliceRow
from murph.session.service import Claim
from murph.teacher.models import DeskDue
from tests.auth.people import Person
from tests.session.builders import end, fund, rules, start


def claim(session: dict[str, Any], student: Person) -> Claim:
    return service.claim(
        session_id=UUID(session["id"]), student_id=student.id, owner="me", rules=rules(), at=clock.now()
    )


def row(held: Claim, used_ms: int) -> MeterRow:
    return MeterRow(
        session_id=held.session_id,
        epoch=held.epoch,
        state=PlayState.PLAYING,
        used_ms=used_ms,
        wall_ms=used_ms,
        affordable_ms=held.affordable_ms,
        locked_minor=held.locked_minor,
        idle_ms=None,
        video_id="v",
        position_ms=None,
    )


def write(meters: Sequence[MeterRow], slices: Sequence[SliceRow] = ()) -> bool:
    """Write as the flusher does; tell whether every meter has its row's epoch and limit."""
    connected = db.engine.connect().execution_options(**{WRITE_OPTION: True})
    with connected as connection, connection.begin():
        meter_rows.write(connection, meters, slices, attend_at=clock.now() + timedelta(minutes=2))
        return meter_rows.are_as_known(connection, meters)


def stored(held: Claim) -> SessionMeter:
    db.session.rollback()
    return db.session.get_one(SessionMeter, held.session_id, populate_existing=True)


def used_ms(held: Claim) -> int:
    return stored(held).used_ms


def test_the_owner_writes_and_learns_that_it_still_is_the_owner(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    held = claim(start(client, stan, course), stan)
    assert write([row(held, 5_000)])
    assert used_ms(held) == 5_000


def test_a_superseded_owner_changes_nothing_and_learns_of_it(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    old, new = claim(session, stan), claim(session, stan)
    write([row(new, 3_000)])
    assert not write([row(old, 9_000)])
    assert used_ms(old) == 3_000


def test_a_late_write_does_not_move_an_ended_session(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    held = claim(session, stan)
    write([row(held, 4_000)])
    end(client, stan, session)
    assert not write([row(held, 9_000)])
    assert (used_ms(held), stored(held).epoch) == (4_000, held.epoch + 1)


def test_an_extension_survives_the_owners_next_write(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course, locked_amount="3.00")
    held = claim(session, stan)
    service.extend(session_id=held.session_id, student_id=stan.id, add_minor=300, at=clock.now())
    assert not write([row(held, 1_000)])
    assert (stored(held).affordable_ms, stored(held).locked_minor) == (120_000, 600)


def test_every_write_moves_the_row_so_that_the_sweep_sees_life(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    held = claim(start(client, stan, course), stan)
    before = db.session.get_one(SessionMeter, held.session_id, populate_existing=True).moves
    write([row(held, 0)])
    db.session.rollback()
    assert db.session.get_one(SessionMeter, held.session_id, populate_existing=True).moves == before + 1


def piece_of(held: Claim, used_ms: int, *, begun_ms: int = 0) -> SliceRow:
    return SliceRow(
        id=new_id(),
        session_id=held.session_id,
        epoch=held.epoch,
        video_id="v",
        begun_ms=begun_ms,
        used_ms=used_ms,
        cost_minor=5,
        runs={"v": [(begun_ms, begun_ms + used_ms)]},
        created_at=clock.now(),
    )


def shown_ms() -> list[int]:
    """Return the lengths of all slices there are."""
    db.session.rollback()
    return sorted(piece.used_ms for piece in db.session.query(WatchSlice))


def test_a_slice_written_twice_is_there_once(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    held = claim(start(client, stan, course), stan)
    piece = piece_of(held, 1_000)
    write([row(held, 2_000)], [piece])
    write([], [piece, piece_of(held, 999)])  # as after a commit whose answer was lost
    write([row(held, 5_000)], [piece, piece_of(held, 1_001)])
    assert shown_ms() == [999, 1_000, 1_001]


def test_what_a_superseded_owner_watched_comes_late_and_credits_nothing_more(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    old = claim(session, stan)
    write([row(old, 3_000)], [piece_of(old, 2_000)])
    new = claim(session, stan)
    assert shown_ms() == [1_000, 2_000]
    write([row(new, 9_000)])
    late = [piece_of(old, 4_000, begun_ms=2_000), piece_of(old, 400, begun_ms=6_000)]
    for _ in range(2):  # and again, as after a commit whose answer was lost
        write([row(old, 9_999)], late)
    assert shown_ms() == [1_000, 2_000]
    (closed,) = [piece for piece in db.session.query(WatchSlice) if piece.used_ms == 1_000]
    assert (closed.video_id, closed.cost_minor, closed.runs) == ("v", 5, {"v": [[2_000, 3_000]]})


def test_a_slice_that_was_stored_before_its_owner_was_superseded_is_not_told_again(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    old = claim(session, stan)
    piece = piece_of(old, 2_000)
    write([row(old, 3_000)], [piece])
    claim(session, stan)
    write([row(old, 3_000)], [piece])
    runs = sorted((piece.used_ms, piece.runs) for piece in db.session.query(WatchSlice))
    assert runs == [(1_000, {}), (2_000, {"v": [[0, 2_000]]})]


def test_evidence_that_comes_after_the_end_is_kept_as_far_as_it_was_paid(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    held = claim(session, stan)
    write([row(held, 4_000)])
    end(client, stan, session)
    write([row(held, 5_000)], [piece_of(held, 5_000)])
    assert shown_ms() == [4_000]
    assert db.session.query(WatchSlice).one().runs == {"v": [[0, 4_000]]}


def test_who_counts_settled_sessions_hears_of_evidence_that_came_after_the_settlement(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    held = claim(session, stan)
    write([row(held, 90_000)])
    end(client, stan, session)
    assert not service.release(session_id=held.session_id, epoch=held.epoch)
    told = []
    for verb in (service.note_late_evidence, service.settle, service.note_late_evidence):
        verb(session_id=held.session_id, at=clock.now())
        told.append(db.session.query(DeskDue).count())
    assert told == [0, 1, 2]


def test_evidence_of_a_session_that_is_gone_stops_nobody_elses(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    held = claim(start(client, stan, course), stan)
    write([row(held, 3_000)], [replace(piece_of(held, 1_000), session_id=new_id()), piece_of(held, 2_000)])
    assert shown_ms() == [2_000]


def test_a_claim_takes_over_and_a_release_by_the_old_owner_does_nothing(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    old, new = claim(session, stan), claim(session, stan)
    assert new.epoch == old.epoch + 1
    service.release(session_id=old.session_id, epoch=old.epoch)
    assert db.session.get_one(SessionMeter, old.session_id).owner == "me"
    service.release(session_id=new.session_id, epoch=new.epoch)
    assert db.session.get_one(SessionMeter, old.session_id).owner is None


def test_only_a_running_session_is_claimed_and_only_by_its_student(
    client: FlaskClient, stan: Person, sara: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    with pytest.raises(service.SessionNotFound):
        claim(session, sara)
    end(client, stan, session)
    with pytest.raises(service.SessionNotLive):
        claim(session, stan)


def test_what_a_closed_socket_left_behind_does_not_undo_what_rest_credited(
    client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    session = start(client, stan, course)
    held = claim(session, stan)
    service.release(session_id=held.session_id, epoch=held.epoch)
    tick = service.RestTick(
        claimed_ms=0, state=PlayState.PLAYING, video_id=None, position_ms=None, lecture_number=None
    )
    at = clock.now()
    service.record_tick(session_id=held.session_id, student_id=stan.id, tick=tick, rules=rules(), at=at)
    write([row(held, 9_000)])
    assert used_ms(held) == 0


def test_one_superseded_owner_in_a_batch_is_found_out_among_the_others(
    client: FlaskClient, stan: Person, sara: Person, course: dict[str, Any]
) -> None:
    fund(sara, 3_000)
    lost, kept = claim(start(client, stan, course), stan), claim(start(client, sara, course), sara)
    service.release(session_id=lost.session_id, epoch=lost.epoch)
    claim({"id": str(lost.session_id)}, stan)
    meters = [row(lost, 1_000), row(kept, 1_000)]
    assert not write(meters)
    with db.engine.connect() as connection:
        found = meter_rows.read_back(connection, [meter.session_id for meter in meters])
    epochs = {session_id: meter.epoch for session_id, meter in found.items()}
    assert epochs == {lost.session_id: lost.epoch + 1, kept.session_id: kept.epoch}
    assert (used_ms(lost), used_ms(kept)) == (0, 1_000)
