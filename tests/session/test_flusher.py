"""Many players at once: each has its row, its acks and its evidence, in however many batches."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from murph.core import clock
from murph.core.db import db
from murph.metering.credit import PlayState
from murph.session import flusher, queries, service
from murph.session.flusher import Flusher
from murph.session.messages import Tick
from murph.session.player import Ack, Player
from tests.auth.people import sign_up
from tests.session.builders import fund, rules, start
from tests.support.counted import counted
from tests.support.processes import wait_until


def playing(client: FlaskClient, course: dict[str, Any], number: int) -> Player:
    """Return the player of a new student, who began ten seconds ago."""
    student = sign_up(client, f"student{number}@example.org")
    fund(student, 5_000)
    session_id = UUID(start(client, student, course)["id"])
    held = service.claim(
        session_id=session_id, student_id=student.id, owner="me", rules=rules(), at=clock.now()
    )
    player = Player(held, currency="USD", wake=lambda: None, offer=lambda _: False)
    player.meter.opened_ms -= 10_000
    player.meter.last_ms -= 10_000
    return player


def tick(one: Flusher, player: Player, seq: int) -> None:
    """Submit four seconds more, as evidence of their own."""
    row, _ = player.take(Tick(seq, seq * 4_000, PlayState.PLAYING, None, None, 1.0))
    one.submit(player, row, Ack(seq, row.used_ms), player.cut_slice(whole=False))


def test_evidence_is_stored_with_its_row_in_whatever_batch_that_is(
    app: Flask, client: FlaskClient, course: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flusher, "MAX_BATCH_ROWS", 2)
    players = [playing(client, course, number) for number in range(7)]
    one = Flusher(db.engine, rules())
    before = counted('murph_ticks_total{outcome="durable"}')
    for seq in (1, 2):
        for player in players:
            tick(one, player, seq)
    assert one.wait_until_durable(10)
    assert counted('murph_ticks_total{outcome="durable"}') == before + 14
    for player in players:
        found = queries.slices(player.session_id)
        assert sum(piece.used_ms for piece in found) == player.meter.used_ms == 8_000
        assert queries.meters([player.session_id])[player.session_id][0] == player.claim.epoch
        assert player.outbox  # its acks


@pytest.mark.only_mariadb
@pytest.mark.parametrize("table", ["session_meter", "watch_session"])
def test_a_row_that_somebody_holds_makes_nobody_else_wait(
    app: Flask, client: FlaskClient, course: dict[str, Any], table: str
) -> None:
    held_one, *others = players = [playing(client, course, number) for number in range(4)]
    one = Flusher(db.engine, rules())
    key = "session_id" if table == "session_meter" else "id"
    hold = text(f"SELECT 1 FROM {table} WHERE {key} = '{held_one.session_id.hex}' FOR UPDATE")
    with db.engine.connect() as holder:
        holder.execute(hold)
        for player in players:
            tick(one, player, 1)
        wait_until(lambda: all(player.outbox for player in others), what="the others' acks")
        assert not held_one.outbox
        for player in players:
            tick(one, player, 2)
        wait_until(lambda: all(len(player.outbox) == 2 for player in others), what="the others' next acks")
        assert not held_one.outbox
        holder.rollback()
    assert one.wait_until_durable(10)
    assert len(held_one.outbox) == 2
    assert queries.slices(held_one.session_id)[-1].used_ms == 4_000
