"""The rule: never more than 24 s beyond double the credited time, whatever one does about it."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import db
from murph.delivery import queries, upkeep
from murph.delivery.models import Allowance
from murph.media import service as media
from murph.session import service as sessions
from murph.session.models import SessionMeter
from tests.auth.people import Person, make_admin
from tests.course.builders import refusal
from tests.delivery.builders import Film, add_film, credit, film, make, place, window_key
from tests.session.builders import SESSIONS, end, get, rules, settle, start

AHEAD = (403, "ahead_of_meter")
OVER = (403, "session_ended")
BROKE = (402, "funds_exhausted")


class Seat:
    """A student in a live session, at one video."""

    def __init__(self, client: FlaskClient, student: Person, movie: Film, **body: Any) -> None:
        self.client, self.student, self.movie = client, student, movie
        self.session = start(client, student, movie.course, **body)
        self.sit()

    def sit(self) -> None:
        """Ask for an address."""
        self.place = place(self.client, self.movie.course, self.student)

    def ask(self, window: int) -> Any:
        """Return the key of a window, or the refusal."""
        answer = self.client.get(f"{self.place}/k/{window}")
        return answer.data if answer.status_code == 200 else refusal(answer)

    def asks(self, windows: range) -> list[int]:
        """Ask for these windows in turn; return those whose keys came."""
        return [window for window in windows if isinstance(self.ask(window), bytes)]

    def watch(self, seconds: int) -> None:
        credit(self.client, self.student, self.session, self.movie.video_id, seconds * 1000)

    def end(self) -> None:
        end(self.client, self.student, self.session)


@pytest.fixture
def seat(client: FlaskClient, stan: Person, movie: Film) -> Seat:
    """Stan, at the film."""
    return Seat(client, stan, movie)


class TestRule:
    def test_two_windows_are_free_and_each_other_one_is_paid_for_first(self, seat: Seat) -> None:
        assert seat.asks(range(10)) == [0, 1]
        seat.watch(5)
        assert seat.ask(2) == AHEAD
        seat.watch(1)
        assert (seat.ask(3), seat.ask(2)) == (window_key(seat.movie, 3), AHEAD)
        seat.watch(18)
        assert seat.asks(range(10)) == [0, 1, 2, 3, 4, 5]

    def test_seeking_wins_nothing(self, seat: Seat) -> None:
        assert seat.asks(range(9, -1, -1)) == [9, 8]
        seat.watch(6)
        assert seat.asks(range(10)) == [0, 8, 9]

    def test_what_was_given_is_given_again_for_nothing(self, seat: Seat) -> None:
        for _ in range(3):
            assert seat.asks(range(10)) == [0, 1]
        assert delivered_ms(seat) == 24_000

    def test_ending_and_starting_wins_nothing(self, client: FlaskClient, seat: Seat) -> None:
        assert seat.asks(range(10)) == [0, 1]
        seat.watch(6)
        seat.end()
        for _ in range(5):
            again = Seat(client, seat.student, seat.movie)
            assert again.asks(range(10)) == [0, 1, 2]
            again.end()
        assert delivered_ms(seat) == 36_000

    def test_time_that_was_credited_in_a_session_before_counts(self, client: FlaskClient, seat: Seat) -> None:
        seat.watch(12)
        seat.end()
        assert Seat(client, seat.student, seat.movie).asks(range(10)) == [0, 1, 2, 3]

    def test_a_pause_wins_nothing(self, client: FlaskClient, seat: Seat) -> None:
        assert seat.asks(range(10)) == [0, 1]
        meter = db.session.get_one(SessionMeter, UUID(seat.session["id"]))
        meter.last_at = meter.last_at.replace(year=meter.last_at.year - 1)
        db.session.commit()
        body = {"duration_seconds": 0, "state": "paused", "video_id": str(seat.movie.video_id)}
        path = f"{SESSIONS}/{seat.session['id']}/metrics"
        for seconds in (0, 3_600):
            body["duration_seconds"] = seconds
            assert client.patch(path, json=body, headers=seat.student.headers).status_code == 200
            meter.last_at = meter.last_at.replace(year=meter.last_at.year - 1)
            db.session.commit()
        assert seat.asks(range(10)) == [0, 1]

    def test_time_on_another_video_is_of_no_use(
        self, client: FlaskClient, tess: Person, stan: Person, movie: Film
    ) -> None:
        other = add_film(movie.course, tess.id)
        seat = Seat(client, stan, movie)
        credit(client, stan, seat.session, other.video_id, 60_000)
        assert seat.asks(range(10)) == [0, 1]
        credit(client, stan, seat.session, movie.video_id, 6_000)
        assert seat.asks(range(10)) == [0, 1, 2]

    def test_time_of_another_student_is_of_no_use(
        self, client: FlaskClient, sara: Person, seat: Seat
    ) -> None:
        hers = Seat(client, sara, seat.movie)
        hers.watch(30)
        assert seat.asks(range(10)) == [0, 1]
        assert hers.asks(range(10)) == [0, 1, 2, 3, 4, 5, 6]

    def test_a_new_revision_gives_nothing_for_nothing(self, client: FlaskClient, seat: Seat) -> None:
        assert seat.asks(range(10)) == [0, 1]
        revise(seat.movie)
        seat.sit()
        assert seat.asks(range(10)) == []
        seat.watch(6)
        assert seat.ask(1) == window_key(seat.movie, 1, revision=2)
        assert seat.asks(range(10)) == [1]

    def test_the_last_window_is_as_long_as_it_is(
        self, client: FlaskClient, tess: Person, stan: Person
    ) -> None:
        short = Seat(client, stan, film(client, tess, windows=1, price_per_minute="3.00"))
        assert short.asks(range(1)) == [0]
        assert delivered_ms(short) == 12_000


class TestRevisions:
    def test_what_was_replaced_plays_on_under_the_same_rule(self, client: FlaskClient, seat: Seat) -> None:
        assert seat.asks(range(10)) == [0, 1]
        revise(seat.movie)
        assert client.get(f"{seat.place}/s/0.ts").status_code == 200
        seat.watch(6)
        assert (seat.ask(2), seat.ask(3)) == (window_key(seat.movie, 2), AHEAD)
        seat.sit()
        assert seat.ask(2) == AHEAD

    def test_an_address_of_a_revision_before_that_is_gone(self, client: FlaskClient, seat: Seat) -> None:
        for _ in range(2):
            revise(seat.movie)
        for name in ("k/0", "index.m3u8", "s/0.ts"):
            assert refusal(client.get(f"{seat.place}/{name}")) == (404, "revision_gone")
        seat.sit()
        assert seat.ask(0) == window_key(seat.movie, 0, revision=3)


class TestRefusals:
    def test_without_money_402_which_an_extension_heals(
        self, client: FlaskClient, stan: Person, movie: Film
    ) -> None:
        seat = Seat(client, stan, movie, locked_amount="1.00")
        assert seat.asks(range(10)) == [0, 1]
        exhaust(seat)
        assert (seat.ask(0), seat.ask(5)) == (BROKE, BROKE)
        assert refusal(client.get(f"{seat.place}/index.m3u8")) == BROKE
        path = f"{SESSIONS}/{seat.session['id']}/extend"
        extended = client.post(path, json={"amount": "1.00"}, headers=stan.headers)
        assert extended.status_code == 200, extended.text
        assert isinstance(seat.ask(0), bytes)

    def test_a_session_that_ended_for_want_of_money_says_so(
        self, client: FlaskClient, stan: Person, movie: Film
    ) -> None:
        seat = Seat(client, stan, movie, locked_amount="1.00")
        seat.watch(20)
        assert get(client, stan, f"{seat.session['id']}/status")["end_reason"] == "funds_exhausted"
        assert seat.ask(0) == BROKE
        settle()
        assert seat.ask(0) == BROKE

    def test_after_the_end_every_key_is_refused(self, seat: Seat) -> None:
        seat.watch(30)
        seat.asks(range(5))
        seat.end()
        assert {seat.ask(window) for window in range(10)} == {OVER}
        settle()
        assert {seat.ask(window) for window in range(10)} == {OVER}

    def test_a_session_that_an_administrator_ends_is_over_at_once(
        self, client: FlaskClient, seat: Seat
    ) -> None:
        sessions.end(session_id=UUID(seat.session["id"]), reason="admin", rules=rules(), at=clock.now())
        assert seat.ask(0) == OVER

    def test_a_session_that_the_sweeper_ends_is_over_at_once(self, seat: Seat) -> None:
        for _ in range(2):
            meter = db.session.get_one(SessionMeter, UUID(seat.session["id"]), populate_existing=True)
            assert meter.attend_at is not None
            at = meter.attend_at
            db.session.rollback()
            assert isinstance(seat.ask(0), bytes)
            sessions.sweep(rules=rules(), at=at)
        assert seat.ask(0) == OVER


class TestRecords:
    def test_a_receipt_tells_what_was_delivered_and_how_much_of_it_was_watched(
        self, client: FlaskClient, tess: Person, seat: Seat
    ) -> None:
        seat.asks(range(10))
        seat.watch(14)
        seat.end()
        settle()
        path = f"{seat.session['id']}/receipt"
        root = make_admin(client)
        for reader in (seat.student, root):
            told = get(client, reader, path)["deliveries"]
            assert [(each["window"], each["begin_ms"], each["end_ms"]) for each in told] == [
                (0, 0, 12_000),
                (1, 12_000, 24_000),
            ]
            assert [each["credited_ms"] for each in told] == [12_000, 2_000]
            assert {each["video_id"] for each in told} == {str(seat.movie.video_id)}
        assert "deliveries" not in get(client, tess, path)

    def test_a_window_is_on_the_receipt_of_every_session_that_got_it_and_counted_once(
        self, client: FlaskClient, seat: Seat
    ) -> None:
        seat.asks(range(10))
        seat.end()
        again = Seat(client, seat.student, seat.movie)
        again.ask(1)
        again.ask(1)
        assert [each.window for each in queries.delivered_in([UUID(seat.session["id"])])] == [0, 1]
        assert [
            (each.window, each.is_first) for each in queries.delivered_in([UUID(again.session["id"])])
        ] == [(1, False)]
        assert delivered_ms(seat) == 24_000
        assert list(upkeep.wrong_sums()) == []

    def test_a_refused_window_leaves_no_trace(self, seat: Seat) -> None:
        seat.asks(range(2))
        assert seat.ask(2) == AHEAD
        assert [each.window for each in queries.delivered_in([UUID(seat.session["id"])])] == [0, 1]
        assert delivered_ms(seat) == 24_000

    def test_a_sum_that_is_wrong_or_missing_is_found(self, seat: Seat) -> None:
        seat.asks(range(2))
        allowance = db.session.get_one(Allowance, (seat.student.id, seat.movie.video_id))
        allowance.delivered_ms -= 12_000
        db.session.commit()
        (wrong,) = upkeep.wrong_sums()
        assert (wrong.student_id, wrong.video_id) == (seat.student.id, seat.movie.video_id)
        assert wrong.problem == "12000 ms are counted, and 24000 ms were given out"
        db.session.delete(allowance)
        db.session.commit()
        (wrong,) = upkeep.wrong_sums()
        assert wrong.problem == "0 ms are counted, and 24000 ms were given out"


def delivered_ms(seat: Seat) -> int:
    return queries.delivered_ms(student_id=seat.student.id, video_id=seat.movie.video_id)


def revise(movie: Film) -> None:
    """Have a film made anew."""
    media.process_again(asset_id=movie.asset_id, at=clock.now())
    make(movie.asset_id)


def exhaust(seat: Seat) -> None:
    """Let the session have used all its money, in the moment before it is ended for it."""
    meter = db.session.get_one(SessionMeter, UUID(seat.session["id"]), populate_existing=True)
    meter.used_ms = meter.wall_ms = meter.affordable_ms
    db.session.commit()
