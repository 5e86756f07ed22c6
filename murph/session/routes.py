"""Sessions over REST."""

from typing import Any
from uuid import UUID

from flask import current_app

from murph.auth import guards
from murph.core import clock
from murph.core.db import after_commit
from murph.core.errors import Forbidden, invalid_field
from murph.core.http import (
    Blueprint,
    bind_session_id,
    cursor_scope,
    decode_cursor,
    encode_cursor,
    idempotent,
)
from murph.core.http.cursor import BadCursor
from murph.core.limits import RateLimited, sensitive
from murph.course.service import CourseNotFound
from murph.metering.credit import PlayState
from murph.session import queries, schemas, service
from murph.session.hub import hub
from murph.session.models import WatchSession
from murph.session.present import Audience, readable, receipt, session_document, summaries
from murph.session.progress import Progress
from murph.session.queries import SessionView
from murph.session.rules import Rules
from murph.wallet.service import InsufficientFunds

blp = Blueprint("session", __name__, url_prefix="/sessions", description="Paid watching, by the second")

_NOT_LOCKED = (
    CourseNotFound,
    service.OwnCourse,
    service.SessionActive,
    service.LockTooSmall,
    InsufficientFunds,
)


def _prepare_end(*_body: dict[str, Any], session_id: UUID) -> None:
    """Let the caller's player, if it is in this process, make durable what it has watched.

    That happens on another connection, which a transaction of ours could keep waiting for itself.
    """
    bind_session_id(session_id)
    if hub().has_player(session_id) and queries.student_of(session_id) == guards.current().user_id:
        hub().save_evidence(session_id)


@blp.route("/start", methods=["POST"])
@guards.signed_in
@sensitive
@blp.arguments(schemas.StartIn)
@idempotent()
@blp.response(201, schemas.SessionOut)
@blp.raises(*_NOT_LOCKED, RateLimited)
def start(body: dict[str, Any]) -> dict[str, Any]:
    """Lock funds for a course and start the clock."""
    session = service.start(
        student_id=guards.current().user_id,
        course_id=body["course_id"],
        locked_minor=body.get("locked_amount"),
        rules=_rules(),
        at=clock.now(),
    )
    return _student_document(session)


@blp.route("/create", methods=["POST"])
@guards.signed_in
@sensitive
@blp.arguments(schemas.CreateIn)
@idempotent()
@blp.response(201, schemas.SessionOut)
@blp.raises(*_NOT_LOCKED, RateLimited)
def create(body: dict[str, Any]) -> dict[str, Any]:
    """Lock funds for a course; the clock starts with POST /sessions/{id}/start."""
    student_id = guards.current().user_id
    if body.get("student_id", student_id) != student_id:
        raise Forbidden("A session can only be created for the signed-in student.")
    session = service.lock(
        student_id=student_id,
        course_id=body["course_id"],
        locked_minor=body.get("locked_amount"),
        rules=_rules(),
        at=clock.now(),
    )
    return _student_document(session)


@blp.route("/<uuid:session_id>/start", methods=["POST"])
@guards.signed_in
@idempotent()
@blp.response(200, schemas.SessionOut)
@blp.raises(service.SessionNotFound, service.SessionNotLive, service.LockExpired)
def activate(session_id: UUID) -> dict[str, Any]:
    """Start the clock of a session whose funds are locked."""
    bind_session_id(session_id)
    session = service.activate(
        session_id=session_id, student_id=guards.current().user_id, rules=_rules(), at=clock.now()
    )
    return _student_document(session)


@blp.route("/<uuid:session_id>/metrics", methods=["PATCH"])
@guards.signed_in
@blp.arguments(schemas.MetricsIn)
@blp.response(200, schemas.MetricsOut)
@blp.raises(service.SessionNotFound, service.SessionNotLive, service.SocketLive, service.UnknownVideo)
def metrics(body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Report progress without a WebSocket; the server decides what is credited."""
    bind_session_id(session_id)
    recorded = service.record_tick(
        session_id=session_id,
        student_id=guards.current().user_id,
        tick=_rest_tick(body),
        rules=_rules(),
        at=clock.now(),
    )
    progress = Progress(queries.runs_of(recorded.slices), recorded.videos)
    return {"session_id": session_id} | _student_document(recorded.session, progress)


@blp.route("/<uuid:session_id>/extend", methods=["POST"])
@guards.signed_in
@blp.arguments(schemas.ExtendIn)
@idempotent()
@blp.response(200, schemas.SessionOut)
@blp.raises(service.SessionNotFound, service.SessionNotLive, InsufficientFunds)
def extend(body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Add to the lock of a live session."""
    bind_session_id(session_id)
    session = service.extend(
        session_id=session_id,
        student_id=guards.current().user_id,
        add_minor=body["amount"],
        at=clock.now(),
    )
    after_commit(lambda: hub().nudge(session_id))
    return _student_document(session)


@blp.route("/<uuid:session_id>/end", methods=["POST"])
@guards.signed_in
@idempotent(before=_prepare_end)
@blp.response(200, schemas.ReceiptOut)
@blp.raises(service.SessionNotFound)
def end(session_id: UUID) -> dict[str, Any]:
    """End a session; ending it again answers the same."""
    return _end(session_id)


@blp.route("/<uuid:session_id>/complete", methods=["POST"])
@guards.signed_in
@blp.arguments(schemas.CompleteIn, required=False)
@idempotent(before=_prepare_end)
@blp.response(200, schemas.ReceiptOut)
@blp.raises(service.SessionNotFound)
def complete(body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """End a session, as older clients ask for it."""
    if body.get("session_id", session_id) != session_id:
        raise invalid_field("session_id", "Must be the session in the path.")
    return _end(session_id)


@blp.route("/active", methods=["GET"])
@guards.signed_in
@blp.response(200, schemas.SessionOut)
@blp.raises(service.NoActiveSession)
def active() -> dict[str, Any]:
    """Return the caller's live session."""
    found = queries.live_view(guards.current().user_id)
    if found is None:
        raise service.NoActiveSession
    return session_document(found, Audience.STUDENT)


@blp.route("", methods=["GET"])
@guards.signed_in
@blp.arguments(schemas.ListQuery, location="query")
@blp.response(200, schemas.SessionsOut)
@blp.raises(BadCursor)
def list_sessions(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's sessions, newest first."""
    student_id, limit, cursor = guards.current().user_id, query.pop("limit"), query.pop("cursor")
    scope = cursor_scope("sessions", student_id=student_id, **query)
    after = decode_cursor(cursor, scope=scope, order=queries.PEOPLE_ORDER)
    page = queries.list_for_student(student_id=student_id, limit=limit, after=after, **query)
    return {
        "items": summaries(page.items, Audience.STUDENT),
        "next_cursor": encode_cursor(page.next_values, scope=scope),
    }


@blp.route("/<uuid:session_id>", methods=["GET"])
@guards.signed_in
@blp.response(200, schemas.SessionOut)
@blp.raises(service.SessionNotFound)
def get(session_id: UUID) -> dict[str, Any]:
    """Return a session to its student, its teacher or an admin."""
    found, audience = readable(session_id, guards.current())
    return session_document(found, audience)


@blp.route("/<uuid:session_id>/status", methods=["GET"])
@guards.signed_in
@blp.response(200, schemas.SummaryOut)
@blp.raises(service.SessionNotFound)
def status(session_id: UUID) -> dict[str, Any]:
    """Return how a session stands, without its evidence; cheap enough to poll."""
    found, audience = readable(session_id, guards.current())
    return summaries([found], audience)[0]


def _rules() -> Rules:
    return Rules.from_config(current_app.config)


def _rest_tick(body: dict[str, Any]) -> service.RestTick:
    position_s = body.get("position_seconds")
    return service.RestTick(
        claimed_ms=body["duration_seconds"] * 1000,
        state=PlayState(body.get("state", PlayState.PLAYING)),
        video_id=body.get("video_id"),
        position_ms=None if position_s is None else round(position_s * 1000),
        lecture_number=body.get("current_lecture"),
    )


def _end(session_id: UUID) -> dict[str, Any]:
    session = service.end(
        session_id=session_id,
        reason="user",
        rules=_rules(),
        at=clock.now(),
        student_id=guards.current().user_id,
    )
    after_commit(lambda: hub().nudge(session_id))
    return receipt(SessionView.of(session), Audience.STUDENT)


def _student_document(session: WatchSession, progress: Progress | None = None) -> dict[str, Any]:
    return session_document(SessionView.of(session), Audience.STUDENT, progress)
