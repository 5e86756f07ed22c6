"""The player's WebSocket: authenticate, take ticks, tell what is durable, say why it ends."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn
from uuid import UUID, uuid4

import structlog
from flask import Flask, g
from flask_sock import Sock
from simple_websocket import ConnectionClosed
from sqlalchemy.exc import SQLAlchemyError

from murph.auth.queries import Principal
from murph.core import clock, metrics
from murph.core.db import db
from murph.core.errors import Forbidden, MurphError, Unauthenticated, Unavailable
from murph.core.http import bind_session_id
from murph.session import handshake, messages, queries, service
from murph.session.bucket import TokenBucket
from murph.session.channel import SERVER_OPTIONS, Channel, Closing
from murph.session.flusher import TICKS
from murph.session.handshake import Admission
from murph.session.hub import Hub, Seat, hub
from murph.session.messages import BadMessage, Tick
from murph.session.player import MAX_STRIKES, Ack, Player, Signal
from murph.session.present import Audience, receipt
from murph.session.service import SessionNotFound, SessionNotLive

log = structlog.get_logger(__name__)

AUTHENTICATE_WITHIN_S = 5.0
FINAL_FLUSH_S = 2.0
DATABASE_AWAY = (Unavailable, SQLAlchemyError)
_CLOSES = metrics.counter("murph_socket_closes_total", "Sockets that ended, by their close code.", "code")
_GONE = "gone"
"""Whoever closes by itself, with whatever code or without one."""
ENDINGS = (Signal.IDLE, Signal.END)
"""What the hub says again every second, for as long as it holds."""


def init_app(app: Flask) -> None:
    """Register the socket's address."""
    app.config["SOCK_SERVER_OPTIONS"] = SERVER_OPTIONS
    handshake.init_app(app)
    Sock(app).route(handshake.SOCKET_RULE)(serve)


def serve(ws: Any, session_id: UUID) -> None:
    """Talk with one player until either side ends it."""
    bind_session_id(session_id)
    conversation, code = Conversation(ws, session_id), _GONE
    try:
        conversation.run()
    except Closing as closing:
        code = str(closing.code)
        conversation.channel.close(closing.code, closing.reason)
    except ConnectionClosed:
        log.debug("socket.gone")
    except Exception:
        code = "1011"
        log.exception("socket.failed")
        conversation.channel.close(1011, "server error")
    finally:
        _CLOSES.labels(code).inc()
        conversation.leave()
        db.session.remove()


class Conversation:
    """What happens on one socket, on its own thread."""

    def __init__(self, ws: Any, session_id: UUID) -> None:
        self._session_id = session_id
        self._hub: Hub = hub()
        per_second = self._hub.messages_per_second
        self._bucket = TokenBucket(per_second=per_second, burst=2 * per_second, now_ms=clock.monotonic_ms())
        self.channel = Channel(ws, charge=self._charge)
        self._seat: Seat = g.socket_seat
        self._seat.wake = self.channel.wake
        self._was_late = False

    def run(self) -> None:
        """Authenticate, take the meter over, then serve until a Closing or the peer ends it."""
        principal = self._authenticate()
        player = self._take_meter(principal)
        standing = player.standing(player.meter.used_ms)
        interval_ms = self._hub.flusher.interval_ms
        self.channel.send(
            messages.ready(epoch=player.claim.epoch, standing=standing, interval_ms=interval_ms)
        )
        self.channel.hear_at_once = partial(self._hear_at_once, player)
        while True:
            self.channel.wait()
            while player.outbox:
                self._deliver(player, player.outbox.pop(0))
            for text in self.channel.messages():
                self._hear(player, text)

    def leave(self) -> None:
        """Give up socket, seat and meter, keeping the evidence of what was watched."""
        self.channel.release()
        self._hub.leave(self._seat)
        player = self._seat.player
        if player is None:
            return
        self._was_late |= self._make_durable(player)
        player.is_gone = True
        # The row may be away; silence frees it too.
        with suppress(MurphError, SQLAlchemyError), self._hub.database_gate:
            is_ours = service.release(session_id=self._session_id, epoch=player.claim.epoch)
            if self._was_late and not is_ours:
                service.note_late_evidence(session_id=self._session_id, at=clock.now())

    # --- getting in -------------------------------------------------------------------------

    def _authenticate(self) -> Principal:
        found = g.pop("socket_admission") or self._look_at(self._first_frame_token())
        self._admit(found)
        return found.principal

    def _first_frame_token(self) -> str:
        deadline_ms = clock.monotonic_ms() + AUTHENTICATE_WITHIN_S * 1000
        while (left_ms := deadline_ms - clock.monotonic_ms()) > 0 and not self._hub.is_draining:
            for text in self.channel.messages():
                message = self._parse(text)
                if message["type"] != "auth" or not isinstance(message.get("token"), str):
                    raise self._refused(4401, "authentication_required", "Send an auth message first.")
                return str(message["token"])
            self.channel.wait(left_ms / 1000)
        if self._hub.is_draining:
            raise Closing(1012, "restart")
        raise self._refused(4401, "authentication_required", "No auth message came within 5 seconds.")

    def _look_at(self, token: str) -> Admission:
        try:
            return handshake.admission(token, self._session_id)
        except Unauthenticated as error:
            raise self._refused(4401, error.code, error.detail) from error
        except Forbidden as error:
            raise self._refused(4403, error.code, error.detail) from error
        except SessionNotFound as error:
            raise Closing(4404, error.code) from error

    def _admit(self, found: Admission) -> None:
        if not self._hub.admit(self._seat, found.principal):
            raise self._refused(4429, "too_many_sockets", "At most 5 sockets of one account at a time.")
        self._seat.renew(found.token_expires_at)

    def _take_meter(self, principal: Principal) -> Player:
        rules = self._hub.rules
        try:
            with self._hub.database_gate:
                claim = service.claim(
                    session_id=self._session_id,
                    student_id=principal.user_id,
                    owner=uuid4().hex,
                    rules=rules,
                    at=clock.now(),
                )
        except SessionNotLive as error:
            self._say_goodbye_if_over()
            raise self._refused(4404, error.code, error.detail) from error
        finally:
            db.session.remove()
        player = Player(
            claim,
            currency=rules.currency,
            wake=self.channel.wake,
            offer=self.channel.offer,
        )
        self._hub.seat_player(self._seat, player)
        return player

    # --- what the player says ---------------------------------------------------------------

    def _hear(self, player: Player, text: str | bytes) -> None:
        message = self._parse(text)
        match message["type"]:
            case "tick":
                self._tick(player, message)
            case "ping":
                self.channel.send(messages.plain("pong"))
            case "end":
                self._end(player, reason="user")
            case "auth":
                self._reauthenticate(message)
            case _:
                raise self._refused(4400, "bad_message", 'Unknown "type".')

    def _charge(self) -> None:
        """Count a frame of any kind: pings and empty fragments cost the server as much as ticks."""
        if not self._bucket.take(clock.monotonic_ms()):
            limit = self._hub.messages_per_second
            detail = f"At most {limit} messages a second, {2 * limit} at once."
            raise self._refused(4429, "too_many_messages", detail)

    def _parse(self, text: str | bytes) -> dict[str, Any]:
        if len(text if isinstance(text, bytes) else text.encode()) > messages.MAX_MESSAGE_BYTES:
            raise Closing(1009, "message too large")
        try:
            return messages.parse(text)
        except BadMessage as error:
            raise self._refused(4400, "bad_message", str(error)) from error

    def _tick(self, player: Player, message: Mapping[str, Any]) -> None:
        try:
            tick = messages.read_tick(message)
            if player.is_replay(tick):
                TICKS.labels("replayed").inc()
                if player.last_ack is not None:
                    self.channel.send(player.last_ack)
                return
            self._take(player, tick)
        except BadMessage as error:
            raise self._refused(4400, "bad_message", str(error)) from error
        if player.strikes >= MAX_STRIKES:
            self._flag()
            TICKS.labels("impossible").inc()
            raise self._refused(4400, "impossible_progress", "More time was claimed than has passed.")

    def _flag(self) -> None:
        try:
            service.flag(session_id=self._session_id)
        except DATABASE_AWAY as error:  # shown out all the same
            log.warning("socket.not_flagged", reason=str(error))

    def _take(self, player: Player, tick: Tick) -> None:
        row, piece = player.take(tick)
        self._hub.flusher.submit(player, row, Ack(seq=tick.seq, used_ms=row.used_ms), piece)

    def _hear_at_once(self, player: Player, payload: bytes) -> bool:
        """Take an ordinary tick where it arrives, without waiting for anything; leave all else alone."""
        try:
            message = messages.parse(payload.decode())
            if message["type"] != "tick" or len(payload) > messages.MAX_MESSAGE_BYTES:
                return False
            tick = messages.read_tick(message)
            if player.is_replay(tick) or player.strikes or not self._bucket.take(clock.monotonic_ms()):
                return False
            self._take(player, tick)
        except (BadMessage, UnicodeDecodeError):
            return False
        return True

    def _reauthenticate(self, message: Mapping[str, Any]) -> None:
        token = message.get("token")
        if not isinstance(token, str):
            raise self._refused(4400, "bad_message", '"token" is a string.')
        try:
            found = self._look_at(token)
        except DATABASE_AWAY as error:
            log.warning("socket.reauthentication_waits_for_database", reason=str(error))
            self._seat.awaits_database = True  # the hub asks again once it is back
            return
        self._admit(found)

    # --- what the player is told ------------------------------------------------------------

    def _deliver(self, player: Player, item: Ack | str | Signal) -> None:
        match item:
            case str():
                self.channel.send(item)
            case Ack():
                player.resume()
                self._tell_durable(player, item)
                if item.used_ms >= player.meter.affordable_ms:
                    self._end(player, reason="funds_exhausted")
            case Signal.CHECK:
                self._check(player)
            case Signal.KEEP_ALIVE:
                self._hub.flusher.submit(player, player.row(), None, None)
            case Signal.SAVE:
                self._save(player)
            case Signal.SUSPEND:
                player.suspend()
                self.channel.send(messages.plain("suspend"))
            case Signal.REAUTHENTICATE:
                self.channel.send(messages.plain("reauth"))
            case Signal.TOKEN_EXPIRED if self._seat.is_overdue(clock.monotonic_ms()):
                raise self._refused(4401, "token_expired", "No fresh token came within 30 seconds.")
            case Signal.REVOKED:
                raise Closing(4403, "revoked")
            case Signal.IDLE if player.is_idle(clock.monotonic_ms()):
                self._end(player, reason="idle")
            case Signal.END if reason := player.end_still_due():
                self._end(player, reason=reason)
            case Signal.DRAIN:
                raise Closing(1012, "restart")

    def _tell_durable(self, player: Player, item: Ack | str) -> None:
        interval_ms = self._hub.flusher.interval_ms
        text = item if isinstance(item, str) else player.write_ack(item, interval_ms=interval_ms)
        self.channel.send(text)

    def _end(self, player: Player, *, reason: str) -> None:
        self._save(player)
        self._hand_over_acks(player)
        try:
            service.end(session_id=self._session_id, reason=reason, rules=self._hub.rules, at=clock.now())
            self._say_goodbye_if_over()
            player.pending_end = None  # extended meanwhile
        except DATABASE_AWAY as error:
            log.warning("socket.end_waits_for_database", reason=str(error))
            if player.pending_end != "user":  # which no other reason may take the place of: it never passes
                player.pending_end = reason  # the hub asks again every second
        finally:
            db.session.remove()

    def _hand_over_acks(self, player: Player) -> None:
        """Tell what became durable before the end; what else is asked matters should the end fail."""
        waiting = player.outbox[:]
        del player.outbox[: len(waiting)]
        for item in waiting:
            if isinstance(item, Ack | str):
                self._tell_durable(player, item)
        kept = [item for item in waiting if isinstance(item, Signal) and item not in ENDINGS]
        player.outbox[:0] = kept

    def _save(self, player: Player) -> None:
        self._make_durable(player)
        player.saved.set()

    def _make_durable(self, player: Player) -> bool:
        """Store all that the player has watched, waiting a while; tell whether it had evidence left."""
        piece = player.cut_slice(whole=False)
        self._hub.flusher.submit(player, player.row(), None, piece)
        self._hub.flusher.wait_until_durable(FINAL_FLUSH_S)
        return piece is not None

    def _check(self, player: Player) -> None:
        """Find out what the row says now; with the database away, the hub asks again."""
        try:
            epoch, affordable_ms, locked_minor = self._stored_meter()
            if epoch != player.claim.epoch:
                self._hand_over(player)
        except SQLAlchemyError as error:
            log.warning("socket.check_waits_for_database", reason=str(error))
            return
        player.raise_limit(affordable_ms=affordable_ms, locked_minor=locked_minor)

    def _stored_meter(self) -> tuple[int, int, int]:
        try:
            return queries.meters([self._session_id])[self._session_id]
        finally:
            db.session.remove()

    def _hand_over(self, player: Player) -> NoReturn:
        """Leave the meter to whoever took it or ended it, who knows nothing yet of what was watched last."""
        self._was_late |= self._make_durable(player)
        self._say_goodbye_if_over()
        raise Closing(4409, "superseded")

    def _say_goodbye_if_over(self) -> None:
        try:
            found = queries.view(self._session_id)
            assert found is not None  # nothing takes sessions away
            document = receipt(found, Audience.STUDENT)
        finally:
            db.session.remove()
        if document["status"] in ("locked", "active"):
            return
        self.channel.send(messages.ended(reason=document["end_reason"], receipt=document))
        raise Closing(1000, "ended")

    def _refused(self, close_code: int, code: str, detail: str) -> Closing:
        self.channel.send(messages.error(code=code, detail=detail))
        return Closing(close_code, code)
