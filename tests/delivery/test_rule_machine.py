"""Whatever a student does in whatever order, they were never given more than the rule allows."""

import os
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import hypothesis
import pytest
from flask.testing import FlaskClient
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from murph.core import clock
from murph.core.db import db
from murph.delivery import upkeep
from murph.delivery.service.release import EXPOSURE_MS
from murph.media import queries as assets
from murph.media import service as media
from murph.session import queries as session
from murph.session import service
from murph.session.models import SessionMeter
from tests.auth.people import Person, sign_up
from tests.delivery.builders import WINDOW_MS, Film, credit, film, make, place
from tests.session.builders import end, fund, rules, start

WINDOWS = 8
IS_TORTURE = os.environ.get("MURPH_TORTURE") == "1"
EXAMPLES, STEPS = (100, 50) if IS_TORTURE else (6, 20)
_numbers = count(1)


class Viewing(RuleBasedStateMachine):
    """One student and one film, told by hand what was delivered and what was credited."""

    def __init__(self, client: FlaskClient, movie: Film) -> None:
        super().__init__()
        self.client, self.movie = client, movie
        self.revision, self.given, self.old_places = 1, set[tuple[int, int]](), list[str]()
        self.credited_ms, self.session, self.place = 0, dict[str, Any](), ""

    @initialize()
    def arrive(self) -> None:
        """A new student, as what they were given never falls."""
        asset = assets.asset(self.movie.asset_id)
        assert asset is not None
        assert asset.revision is not None
        self.revision = asset.revision
        self.student = sign_up(self.client, f"stan{next(_numbers)}@example.org")
        fund(self.student, 5_000)

    @precondition(lambda self: not self.session)
    @rule()
    def start(self) -> None:
        self.session = start(self.client, self.student, self.movie.course, locked_amount="5.00")
        self.place = place(self.client, self.movie.course, self.student)

    @precondition(lambda self: self.session)
    @rule(windows=st.lists(st.integers(0, WINDOWS - 1), min_size=1, max_size=WINDOWS))
    def ask(self, windows: list[int]) -> None:
        """Ask for windows in any order: each comes exactly when the rule says so."""
        for window in windows:
            which = (self.revision, window)
            allowed = which in self.given or self.after(which) <= self.limit_ms
            answer = self.client.get(f"{self.place}/k/{window}")
            assert answer.status_code == (200 if allowed else 403), answer.text
            if allowed:
                self.given.add(which)

    @precondition(lambda self: self.session)
    @rule(seconds=st.integers(1, 15))
    def tick(self, seconds: int) -> None:
        credit(self.client, self.student, self.session, self.movie.video_id, seconds * 1000)
        self.credited_ms += seconds * 1000

    @precondition(lambda self: self.session)
    @rule(seconds=st.integers(1, 100_000))
    def wait(self, seconds: int) -> None:
        """Let time pass without a word."""
        meter = db.session.get_one(SessionMeter, UUID(self.session["id"]), populate_existing=True)
        meter.last_at -= timedelta(seconds=seconds)
        db.session.commit()

    @precondition(lambda self: self.session)
    @rule()
    def end(self) -> None:
        end(self.client, self.student, self.session)
        self.old_places.append(self.place)
        self.session = {}

    @precondition(lambda self: self.old_places)
    @rule(window=st.integers(0, WINDOWS - 1))
    def ask_where_it_is_over(self, window: int) -> None:
        assert self.client.get(f"{self.old_places[-1]}/k/{window}").status_code in (403, 404)

    @rule()
    def make_anew(self) -> None:
        """The teacher has the film processed once more; who watches asks for a new address."""
        media.process_again(asset_id=self.movie.asset_id, at=clock.now())
        self.revision = make(self.movie.asset_id, windows=WINDOWS)
        if self.session:
            self.place = place(self.client, self.movie.course, self.student)

    def after(self, which: tuple[int, int]) -> int:
        return len(self.given | {which}) * WINDOW_MS

    @property
    def limit_ms(self) -> int:
        return EXPOSURE_MS + 2 * self.credited_ms

    @invariant()
    def no_more_was_given_than_was_paid_for(self) -> None:
        db.session.rollback()
        who = {"student_id": self.student.id, "video_id": self.movie.video_id}
        assert session.credited_ms(**who) == self.credited_ms
        assert len(self.given) * WINDOW_MS <= self.limit_ms
        assert list(upkeep.wrong_sums()) == []

    def teardown(self) -> None:
        if self.session:
            key = UUID(self.session["id"])
            service.end(session_id=key, reason="user", rules=rules(), at=clock.now())


@pytest.fixture
def viewing(client: FlaskClient, tess: Person) -> Callable[[], Viewing]:
    movie = film(client, tess, windows=WINDOWS, price_per_minute="0.60")
    return lambda: Viewing(client, movie)


def test_no_sequence_of_deeds_gives_more_than_the_rule_allows(viewing: Callable[[], Viewing]) -> None:
    settings = hypothesis.settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, suppress_health_check=[*hypothesis.HealthCheck]
    )
    run_machine(viewing, settings=settings)  # type: ignore[arg-type]  # it takes what makes one, too
