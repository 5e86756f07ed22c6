"""What the hub of one process notices for its connections, whose signals are read where they wait."""

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.auth.queries import Principal
from murph.core import clock
from murph.session import service
from murph.session.hub import MAX_SOCKETS_PER_USER, Hub, Seat
from murph.session.hub import hub as hub_of_process
from murph.session.player import Player, Signal
from tests.auth.people import Person
from tests.session.builders import SESSIONS, get, rules, start


@pytest.fixture
def hub(app: Flask) -> Hub:
    """A hub that has not begun to watch."""
    return Hub(app)


@pytest.fixture
def players(client: FlaskClient, stan: Person, course: dict[str, Any]) -> Iterator[Player]:
    """The players that took over the meter of one session, one after the other."""
    session_id = UUID(start(client, stan, course)["id"])

    def take_over() -> Iterator[Player]:
        while True:
            claim = service.claim(
                session_id=session_id, student_id=stan.id, owner=uuid4().hex, rules=rules(), at=clock.now()
            )
            yield Player(claim, currency=rules().currency, wake=lambda: None, offer=lambda _: True)

    return take_over()


def seat_at(hub: Hub) -> Seat:
    seat = hub.take_seat(has_token=True)
    assert seat is not None
    return seat


def somebody() -> Principal:
    return Principal(user_id=uuid4(), user_type="student", family_id=uuid4())


def test_of_two_players_the_older_is_told_to_look_whichever_is_seated_last(
    hub: Hub, players: Iterator[Player]
) -> None:
    oldest, older, newest = next(players), next(players), next(players)
    for player in (oldest, newest, older):
        hub.seat_player(seat_at(hub), player)
    assert (oldest.outbox, older.outbox, newest.outbox) == ([Signal.CHECK], [Signal.CHECK], [])


def test_every_seat_of_a_session_is_compared_with_its_row(hub: Hub, players: Iterator[Player]) -> None:
    older, newer = next(players), next(players)
    seats = [Seat(player=older), Seat(player=newer)]
    for order in (seats, seats[::-1]):
        older.outbox.clear()
        hub._look_at_rows(order)
        assert (older.outbox, newer.outbox) == ([Signal.CHECK], [])


def test_a_player_that_is_seated_while_the_process_drains_is_sent_away_too(
    hub: Hub, players: Iterator[Player]
) -> None:
    seat, player = seat_at(hub), next(players)
    hub.drain()
    hub.seat_player(seat, player)
    assert Signal.DRAIN in player.outbox


def test_who_is_in_stays_in_while_one_too_many_knocks(hub: Hub) -> None:
    stan, sara = somebody(), somebody()
    seats = [seat_at(hub) for _ in range(MAX_SOCKETS_PER_USER + 1)]
    assert [hub.admit(seat, stan) for seat in seats] == [True] * MAX_SOCKETS_PER_USER + [False]
    assert hub.admit(seats[0], stan)  # with a fresh token
    assert hub.admit(seat_at(hub), sara)
    hub.leave(seats[0])
    hub.leave(seats[-1])
    assert hub.admit(seat_at(hub), stan)


def test_an_account_that_left_is_forgotten(hub: Hub) -> None:
    seat = seat_at(hub)
    hub.admit(seat, somebody())
    hub.leave(seat)
    assert not hub._sockets_of


def test_evidence_is_waited_for_each_time(hub: Hub, players: Iterator[Player]) -> None:
    player = next(players)
    hub.seat_player(seat_at(hub), player)
    player.saved.set()  # the time before
    asking = threading.Thread(target=hub.save_evidence, args=(player.session_id,), kwargs={"timeout_s": 30})
    asking.start()
    asking.join(0.1)
    assert asking.is_alive()
    player.saved.set()
    asking.join(10)
    assert not asking.is_alive()


def test_only_its_students_end_has_the_evidence_of_a_player_made_durable(
    client: FlaskClient, players: Iterator[Player], stan: Person, sara: Person
) -> None:
    player = next(players)
    hub_of_process().seat_player(seat_at(hub_of_process()), player)
    player._wake = player.saved.set
    path = f"{SESSIONS}/{player.session_id}/end"
    assert client.post(path, headers=sara.headers).status_code == 404
    assert player.outbox == []
    assert get(client, stan, str(player.session_id))["status"] == "active"
    assert client.post(path, headers=stan.headers).status_code == 200
    assert player.outbox == [Signal.SAVE, Signal.CHECK]
