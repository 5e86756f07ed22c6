"""Who may open a player's socket: decided before the upgrade wherever that is possible."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Flask, Response, current_app, g, request
from werkzeug.routing import WebsocketMismatch
from wsproto.utilities import RemoteProtocolError

from murph.auth import tokens
from murph.auth.queries import Principal
from murph.core.db import db
from murph.core.errors import BadRequest, Forbidden, Unauthenticated, Unavailable
from murph.core.http.problem import render
from murph.session import queries
from murph.session.hub import hub
from murph.session.service import SessionNotFound

SOCKET_RULE = "/ws/session/<uuid:session_id>"


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may open a socket, and until when the token says so."""

    principal: Principal
    token_expires_at: datetime


class ForeignOrigin(Forbidden):
    """A page of another site tries to open the socket."""

    code = "origin_not_allowed"
    detail = "This origin may not open sockets here. Ask the operator to add it to ALLOWED_ORIGINS."


class NotAWebSocket(BadRequest):
    """A plain request to the socket's address."""

    code = "websocket_required"
    detail = "This address speaks WebSocket. Open it with a WebSocket client."


class TooManySockets(Unavailable):
    """This process is full or about to stop."""

    code = "too_many_sockets"
    detail = "This server takes no further player now. Connect again in a few seconds."


def init_app(app: Flask) -> None:
    """Check every socket's request before it is upgraded."""
    app.before_request(_check_before_upgrade)
    app.teardown_request(_leave_seat)
    app.register_error_handler(WebsocketMismatch, _explain_mismatch)
    app.register_error_handler(RemoteProtocolError, _explain_handshake)


def _explain_mismatch(_error: WebsocketMismatch) -> Response:
    # Routing finds it before anything of ours runs; the other way round a socket asks for a plain route.
    is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
    return render(BadRequest() if is_socket else NotAWebSocket())


def _explain_handshake(_error: RemoteProtocolError) -> Response:
    return render(NotAWebSocket())


def _check_before_upgrade() -> None:
    if request.url_rule is None or request.url_rule.rule != SOCKET_RULE:
        return
    token = _header_token()
    g.socket_admission = None
    g.socket_seat = hub().take_seat(has_token=token is not None)
    if g.socket_seat is None:
        raise TooManySockets
    _check_origin()
    # Compressing messages this short saves nothing, and costs each browser's player 100 KB here.
    request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    if token is not None:
        assert request.view_args is not None
        g.socket_admission = admission(token, request.view_args["session_id"])


def _leave_seat(_error: BaseException | None) -> None:
    # However the handshake or the conversation ended: a place that is not left is lost.
    if (seat := g.get("socket_seat")) is not None:
        hub().leave(seat)


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    allowed = (current_app.config["PUBLIC_URL"], *current_app.config["ALLOWED_ORIGINS"])
    if origin is not None and origin.rstrip("/") not in allowed:
        raise ForeignOrigin


def _header_token() -> str | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    return token.strip()


def admission(token: str, session_id: UUID) -> Admission:
    """Let in the session's student only.

    Raises:
        Unauthenticated, Forbidden: what `tokens.authenticate_access_token` raises.
        SessionNotFound: there is no such session, or it is somebody else's.
    """
    try:
        with hub().database_gate:
            principal = tokens.authenticate_access_token(token)
            if queries.student_of(session_id) != principal.user_id:
                raise SessionNotFound
            return Admission(principal, tokens.expires_at(token))
    finally:
        db.session.remove()
