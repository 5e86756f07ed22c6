"""How long a student was credited with watching each video, known from the database at every moment."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from murph.core import clock
from murph.core.db import WRITE_OPTION, db
from murph.metering.credit import PlayState
from murph.session import meter_rows, queries, service
from murph.session.messages import Tick
from murph.session.models import SessionMeter, WatchSession, WatchSlice
from murph.session.player import Player, SliceRow
from tests.auth.people import Person
from tests.course.builders import add_video, create_course, publish
from tests.session.builders import fund, get, rules, start

LOCK_MINOR = 10
"""At 0.01 a minute: eleven minutes."""


class Moved:
    """Real time, except for how long players say and are seen to play."""

    ms = 1_000_000

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_ms(self) -> int:
        return self.ms


@pytest.fixture
def moved() -> Iterator[Moved]:
    """The clock that the test moves on."""
    moved = Moved()
    before = clock.use(moved)
    yield moved
    clock.use(before)


@pytest.fixture
def videos(client: FlaskClient, tess: Person) -> tuple[UUID, list[str]]:
    """A published course of three videos."""
    course = create_course(client, tess, price_per_minute="0.01")
    ids = [add_video(client, tess, course)["id"] for _ in range(3)]
    publish(client, tess, course)
    return UUID(course["id"]), ids


@dataclass
class Watching:
    """One student's sessions, and what each video should have been credited."""

    student_id: UUID
    course_id: UUID
    videos: list[str]
    time: Moved
    known: Counter[str] = field(default_factory=Counter)
    session_id: UUID = field(init=False)
    player: Player | None = None
    waiting: Counter[str] = field(default_factory=Counter)
    pieces: list[SliceRow] = field(default_factory=list)

    def start(self) -> None:
        session = service.start(
            student_id=self.student_id,
            course_id=self.course_id,
            locked_minor=LOCK_MINOR,
            rules=rules(),
            at=clock.now(),
        )
        self.session_id = session.id

    def connect(self) -> None:
        """Connect, where a connection before this one may be gone without a word."""
        claim = service.claim(
            session_id=self.session_id,
            student_id=self.student_id,
            owner="me",
            rules=rules(),
            at=clock.now(),
        )
        self.player = Player(claim, currency="USD", wake=lambda: None, offer=lambda _: True)
        self.waiting, self.pieces = Counter(), []

    def tick(self, video: int, passed_ms: int, position_ms: int | None, state: PlayState) -> None:
        if self.player is None:
            self.connect()
        player = self.player
        assert player is not None
        self.time.ms += passed_ms
        before_ms, seq = player.meter.used_ms, player.meter.last_seq + 1
        played_ms = player.meter.played_ms + passed_ms
        _, piece = player.take(Tick(seq, played_ms, state, self.videos[video], position_ms, 1.0))
        self.waiting[self.videos[video]] += player.meter.used_ms - before_ms
        self.pieces += [piece] if piece else []

    def flush(self, *, whole: bool = True) -> None:
        """Make everything durable, as the flusher does; who was superseded may try it too."""
        player = self.player
        if player is None:
            return
        if piece := player.cut_slice(whole=whole):
            self.pieces.append(piece)
        self.write(player, self.pieces)
        self.known += self.waiting
        self.waiting, self.pieces = Counter(), []

    def write(self, player: Player, pieces: list[SliceRow]) -> None:
        connected = db.engine.connect().execution_options(**{WRITE_OPTION: True})
        with connected as connection, connection.begin():
            meter_rows.write(connection, [player.row()], pieces, attend_at=clock.now() + timedelta(minutes=2))

    def leave(self) -> None:
        self.flush(whole=False)
        if self.player is not None:
            service.release(session_id=self.session_id, epoch=self.player.claim.epoch)
        self.player = None

    def crash(self) -> None:
        self.player = None

    def take_over(self) -> None:
        """Connect once more, where the older connection tells what it knows only afterwards."""
        older, pieces = self.player, self.pieces
        self.connect()
        if older is not None and (piece := older.cut_slice(whole=False)):
            self.write(older, [*pieces, piece])

    def report(self, video: int, passed_ms: int, position_ms: int | None, state: PlayState) -> None:
        """Tick over REST."""
        self.leave()
        meter = db.session.get_one(SessionMeter, self.session_id, populate_existing=True)
        meter.last_at -= timedelta(milliseconds=passed_ms)
        before_ms = meter.used_ms
        db.session.commit()
        tick = service.RestTick(
            claimed_ms=before_ms + passed_ms,
            state=state,
            video_id=UUID(self.videos[video]),
            position_ms=position_ms,
            lecture_number=None,
        )
        with suppress(service.SocketLive):  # a crash of a moment ago
            service.record_tick(
                session_id=self.session_id,
                student_id=self.student_id,
                tick=tick,
                rules=rules(),
                at=clock.now(),
            )
        self.known[self.videos[video]] += self.used_ms() - before_ms
        self.restart_if_over()

    def used_ms(self) -> int:
        db.session.rollback()
        return db.session.get_one(SessionMeter, self.session_id, populate_existing=True).used_ms

    def restart_if_over(self) -> None:
        if not queries.is_live(self.session_id):
            self.player = None
            self.start()

    def end(self) -> None:
        service.end(session_id=self.session_id, reason="user", rules=rules(), at=clock.now())
        self.player = None

    def end_and_start(self) -> None:
        self.end()
        self.start()

    def shown(self) -> Counter[str]:
        db.session.rollback()
        return Counter(
            {
                video: queries.credited_ms(student_id=self.student_id, video_id=UUID(video))
                for video in self.videos
            }
        )


ticks = st.tuples(
    st.sampled_from(["tick", "tick", "report"]),
    st.integers(0, 2),
    st.integers(0, 70_000),
    st.sampled_from([None, 0, 5_000, 50_000]),
    st.sampled_from([PlayState.PLAYING, PlayState.PLAYING, PlayState.PAUSED]),
)
others = st.tuples(st.sampled_from(["flush", "flush", "leave", "crash", "take_over", "end_and_start"]))


@pytest.mark.mariadb_torture
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ticks | others, max_size=20))
def test_the_credited_times_of_the_videos_are_exact_and_come_to_the_used_time_whatever_happens(
    stan: Person, videos: tuple[UUID, list[str]], moved: Moved, steps: list[tuple[Any, ...]]
) -> None:
    one = Watching(stan.id, *videos, moved)
    one.known = one.shown()  # of the examples before
    one.start()
    try:
        for step in steps:
            before = one.shown()
            getattr(one, step[0])(*step[1:])
            shown = one.shown()
            assert shown == +one.known
            assert all(shown[video] >= before[video] for video in one.videos)
            assert shown.total() == total_used_ms(stan)
            assert strange_slices() == 0
    finally:
        one.end()
    assert one.shown() == +one.known


def total_used_ms(student: Person) -> int:
    query = select(func.sum(SessionMeter.used_ms)).join(
        WatchSession, WatchSession.id == SessionMeter.session_id
    )
    return int(db.session.scalar(query.where(WatchSession.student_id == student.id)) or 0)


def strange_slices() -> int:
    """Return how many slices tell of another video than theirs, or of more than double their time."""
    return sum(
        not set(piece.runs) <= {piece.video_id}
        or sum(end - begin for runs in piece.runs.values() for begin, end in runs) > 2 * piece.used_ms
        for piece in db.session.scalars(select(WatchSlice))
    )


def test_a_student_is_credited_over_all_sessions_and_nobody_else_is(
    client: FlaskClient, stan: Person, sara: Person, videos: tuple[UUID, list[str]], moved: Moved
) -> None:
    fund(sara, 1_000)
    first, second = (Watching(person.id, *videos, moved) for person in (stan, sara))
    for one, passed_ms in ((first, 1_000), (second, 20_000)):
        one.start()
        one.tick(0, passed_ms, None, PlayState.PLAYING)
        one.flush()
    first.end_and_start()
    first.tick(0, 300, None, PlayState.PLAYING)
    first.tick(1, 50, None, PlayState.PLAYING)
    first.flush()
    assert list(first.shown().values()) == [1_300, 50, 0]
    assert list(second.shown().values()) == [20_000, 0, 0]


def test_a_crash_leaves_what_was_watched_with_the_video_it_was_watched_on(
    client: FlaskClient, stan: Person, videos: tuple[UUID, list[str]], moved: Moved
) -> None:
    one = Watching(stan.id, *videos, moved)
    one.start()
    one.tick(0, 9_000, 0, PlayState.PLAYING)
    one.flush()
    one.tick(0, 2_000, None, PlayState.PLAYING)
    one.crash()
    one.tick(1, 500, None, PlayState.PLAYING)
    one.flush()
    assert list(one.shown().values()) == [9_000, 500, 0]


def test_what_an_older_connection_watched_is_on_the_receipt_though_it_came_late(
    client: FlaskClient, stan: Person, course: dict[str, Any], tess: Person, moved: Moved
) -> None:
    ids = [course["videos"][0]["id"], add_video(client, tess, course)["id"]]
    session = start(client, stan, course)
    one = Watching(stan.id, UUID(course["id"]), ids, moved)
    one.session_id = UUID(session["id"])
    for video, position_ms in ((0, 12_000), (1, 3_000), (0, 14_000)):
        one.tick(video, 2_000, position_ms, PlayState.PLAYING)
        one.flush()
    one.take_over()
    one.end()
    receipt = get(client, stan, f"{session['id']}/receipt")
    assert {each["video_id"]: each["intervals"] for each in receipt["intervals"]} == {
        ids[0]: [{"start_ms": 10_000, "end_ms": 14_000}],
        ids[1]: [{"start_ms": 1_000, "end_ms": 3_000}],
    }
    assert [piece["used_ms"] for piece in receipt["slices"]] == [2_000, 2_000, 2_000]
