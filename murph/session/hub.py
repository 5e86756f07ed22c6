"""The players connected to this process: who they are, and what must be noticed for them."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from murph.auth import queries as auth
from murph.auth.queries import Principal
from murph.core import clock, metrics
from murph.core.db import db
from murph.metering.credit import PlayState
from murph.session import queries
from murph.session.flusher import Flusher
from murph.session.going_on import going_on
from murph.session.player import Player, Signal
from murph.session.rules import Rules

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
ROWS_EVERY_S = 5.0
SUSPEND_AFTER_MS = 15_000
REAUTHENTICATION_MS = 30_000
SHUTDOWN_FLUSH_S = 5.0
MAX_SOCKETS_PER_USER = 5
NAMELESS_SHARE = 4
COMING_OR_GOING_AT_ONCE = 20

_OPEN = metrics.gauge("murph_sockets_open", "Sockets of players.")


@dataclass(eq=False, slots=True)
class Seat:
    """A connection's place in this process, from its handshake on."""

    player: Player | None = None
    user_id: UUID | None = None
    family_id: UUID | None = None
    token_expires_at: datetime | None = None
    asked_reauthentication_ms: int | None = None
    awaits_database: bool = False
    was_suspended: bool = False
    wake: Callable[[], None] | None = None

    def renew(self, token_expires_at: datetime) -> None:
        """Note how long the token is good that came last."""
        self.token_expires_at, self.asked_reauthentication_ms = token_expires_at, None
        self.awaits_database = False

    def is_overdue(self, now_ms: int) -> bool:
        """Tell whether the fresh token that was asked for should have come by now."""
        asked_ms = self.asked_reauthentication_ms
        return asked_ms is not None and not self.awaits_database and now_ms - asked_ms >= REAUTHENTICATION_MS

    def ask_anew(self) -> None:
        """Let the token that could not be looked at be asked for again: the database is back."""
        if self.awaits_database:
            self.awaits_database, self.asked_reauthentication_ms = False, None


class Hub:
    """Knows every connection of this process, and runs its flusher and its watch."""

    def __init__(self, app: Flask) -> None:
        self.rules = Rules.from_config(app.config)
        self.max_sockets: int = app.config["MAX_SOCKETS"]
        self.messages_per_second: int = app.config["SOCKET_MESSAGES_PER_SECOND"]
        self.is_draining = False
        self._app = app
        self.database_gate = threading.BoundedSemaphore(COMING_OR_GOING_AT_ONCE)
        """Held while a socket that comes or goes asks the database: a crowd waits here, and does not
        take every connection away from those who are in."""
        self._lock = threading.Lock()
        self._seats: set[Seat] = set()
        self._nameless = 0
        self._sockets_of: Counter[UUID] = Counter()
        self._players: dict[UUID, Player] = {}
        self._flusher: Flusher | None = None

    @property
    def flusher(self) -> Flusher:
        """Return this process's flusher, started with its first player (and so after any fork)."""
        return self._flusher or self._start_flusher()

    def _start_flusher(self) -> Flusher:
        with self._lock:
            if self._flusher is None:
                with self._app.app_context():
                    self._flusher = Flusher(db.engine, self.rules)
                for watch in (self._watch_clocks, self._watch_rows):
                    threading.Thread(target=watch, name="hub", daemon=True).start()
            return self._flusher

    def take_seat(self, *, has_token: bool) -> Seat | None:
        """Return a place for a new connection, to be left again, or None when there is none.

        Those that have not said who they are share a quarter of the places, so that they cannot keep
        out those who have.
        """
        with self._lock:
            is_full = len(self._seats) >= self.max_sockets
            is_crowded = not has_token and self._nameless >= self.max_sockets // NAMELESS_SHARE
            if is_full or is_crowded or self.is_draining:
                return None
            seat = Seat()
            self._seats.add(seat)
            _OPEN.set(len(self._seats))
            self._nameless += 1
            return seat

    def admit(self, seat: Seat, principal: Principal) -> bool:
        """Note who is on a connection; return False when the account has too many of them."""
        with self._lock:
            seat.family_id = principal.family_id
            if seat.user_id is not None:
                return True  # who is in stays in, whoever knocks meanwhile
            self._nameless -= 1
            self._sockets_of[principal.user_id] += 1
            seat.user_id = principal.user_id
            return self._sockets_of[principal.user_id] <= MAX_SOCKETS_PER_USER

    def leave(self, seat: Seat) -> None:
        """Forget a connection, and the player on it unless a newer one has taken its place."""
        with self._lock:
            if seat not in self._seats:
                return
            self._seats.remove(seat)
            _OPEN.set(len(self._seats))
            if seat.user_id is None:
                self._nameless -= 1
            else:
                self._sockets_of[seat.user_id] -= 1
                if not self._sockets_of[seat.user_id]:
                    del self._sockets_of[seat.user_id]
            player = seat.player
            if player is not None and self._players.get(player.session_id) is player:
                del self._players[player.session_id]

    def seat_player(self, seat: Seat, player: Player) -> None:
        """Give a connection its player; of two of the same session the older is told to look."""
        with self._lock:
            seat.player = player
            older: Player | None = player
            known = self._players.get(player.session_id)
            if known is None or known.claim.epoch < player.claim.epoch:
                self._players[player.session_id], older = player, known
        if older is not None:
            older.tell(Signal.CHECK)
        if self.is_draining:  # and may have passed this seat by when nobody was on it yet
            player.tell(Signal.DRAIN)

    def nudge(self, session_id: UUID) -> None:
        """Let the player of a session, if it is in this process, look at the row at once."""
        player = self._players.get(session_id)
        if player is not None:
            player.tell(Signal.CHECK)

    def has_player(self, session_id: UUID) -> bool:
        """Tell whether the player of a session is in this process."""
        return session_id in self._players

    def save_evidence(self, session_id: UUID, *, timeout_s: float = 1.0) -> None:
        """Let a player in this process make durable what it has watched so far, and wait for that."""
        player = self._players.get(session_id)
        if player is not None:
            player.saved.clear()
            player.tell(Signal.SAVE)
            player.saved.wait(timeout_s)

    def drain(self) -> None:
        """Take no new socket, make everything durable, and tell every player to reconnect."""
        self.is_draining = True
        threading.Thread(target=self._drain, name="drain", daemon=True).start()

    def _drain(self) -> None:
        if self._flusher is not None:
            self._flusher.wait_until_durable(SHUTDOWN_FLUSH_S)
        for seat in list(self._seats):
            if seat.player is not None:
                seat.player.tell(Signal.DRAIN)
            elif seat.wake is not None:
                seat.wake()

    def _watch_clocks(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            with going_on("hub.clocks_failed"):
                self._look_at_clocks(self._taken_seats())

    def _watch_rows(self) -> None:
        # On a thread of its own: a database that hangs must not hide how long players have waited.
        while True:
            time.sleep(ROWS_EVERY_S)
            with going_on("hub.rows_failed"):
                self._look_at_rows(self._taken_seats())

    def _taken_seats(self) -> list[Seat]:
        return [seat for seat in list(self._seats) if seat.player is not None]

    def _look_at_clocks(self, seats: Iterable[Seat]) -> None:
        now_ms, now = clock.monotonic_ms(), clock.now()
        for seat in seats:
            assert seat.player is not None
            self._suspend_if_stuck(seat, seat.player, now_ms)
            _keep_paused(seat.player, now_ms, interval_ms=self.flusher.interval_ms)
            _ask_for_a_fresh_token(seat, seat.player, now, now_ms)
            if seat.player.pending_end is not None:
                seat.player.tell(Signal.END)

    def _suspend_if_stuck(self, seat: Seat, player: Player, now_ms: int) -> None:
        waiting_since_ms = player.unacked_since_ms
        is_stuck = waiting_since_ms is not None and now_ms - waiting_since_ms > SUSPEND_AFTER_MS
        if is_stuck and not seat.was_suspended:
            player.tell(Signal.SUSPEND)
        seat.was_suspended = is_stuck

    def _look_at_rows(self, seats: Iterable[Seat]) -> None:
        """Notice revoked sign-ins and lost or ended sessions: two queries, however many sockets."""
        families = {seat.family_id for seat in seats if seat.family_id is not None}
        players = [seat.player for seat in seats if seat.player is not None]
        try:
            with self._app.app_context():
                living = auth.live_families(families) if families else set()
                meters = queries.meters({player.session_id for player in players}) if players else {}
        except SQLAlchemyError as error:
            log.warning("hub.waiting_for_database", reason=str(error))
            return
        for seat in seats:
            seat.ask_anew()
            if seat.family_id is not None and seat.family_id not in living and seat.player is not None:
                seat.player.tell(Signal.REVOKED)
        for player in players:
            _compare(player, meters.get(player.session_id))


def _keep_paused(player: Player, now_ms: int, *, interval_ms: int) -> None:
    """Keep a paused player's row from looking silent, until the pause is too long."""
    if player.meter.state is PlayState.PLAYING or player.unacked_since_ms is not None:
        return
    if player.is_idle(now_ms):
        player.tell(Signal.IDLE)
    elif now_ms - player.flushed_at_ms >= interval_ms:
        player.tell(Signal.KEEP_ALIVE)


def _ask_for_a_fresh_token(seat: Seat, player: Player, now: datetime, now_ms: int) -> None:
    if seat.token_expires_at is None or now < seat.token_expires_at:
        return
    if seat.asked_reauthentication_ms is None:
        seat.asked_reauthentication_ms = now_ms
        player.tell(Signal.REAUTHENTICATE)
    elif seat.is_overdue(now_ms):
        player.tell(Signal.TOKEN_EXPIRED)


def _compare(player: Player, found: tuple[int, int, int] | None) -> None:
    if found is None or found[0] != player.claim.epoch:
        player.tell(Signal.CHECK)
    elif found[1] > player.meter.affordable_ms:
        player.raise_limit(affordable_ms=found[1], locked_minor=found[2])


def hub() -> Hub:
    """Return this process's hub."""
    found: Hub = current_app.extensions["murph_hub"]
    return found


def init_app(app: Flask) -> None:
    """Give the application its hub, and its server the way to drain it."""
    app.extensions["murph_hub"] = Hub(app)
    app.extensions["murph_drain"] = _drain_hook(app)


def _drain_hook(app: Flask) -> Callable[[], Any]:
    return lambda: app.extensions["murph_hub"].drain()
