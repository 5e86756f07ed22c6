"""Asking in one's own words: turns, their events, and what was said before."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, current_app, stream_with_context

from murph.auth import guards
from murph.core import clock
from murph.core.db import release_connection
from murph.core.errors import Busy
from murph.core.http import cursor_scope, decode_cursor, encode_cursor
from murph.core.http.fields import PageQuery
from murph.core.limits import RateLimited, limiter
from murph.discovery.models import READY, ChatTurn
from murph.discovery.queries import chats
from murph.discovery.routes import waiting
from murph.discovery.routes.blueprint import blp, index
from murph.discovery.schemas import ChatIn, EventOut, HistoryOut, TurnOut
from murph.discovery.service import answering, errors
from murph.discovery.service import chat as chatting
from murph.gateways import ai

LOOK_EVERY_S = 0.2
LONGEST_S = 30
"""Longer than all providers together may take."""


def _account() -> str:
    return str(guards.current().user_id)


@blp.route("/chat", methods=["POST"])
@guards.signed_in
@limiter.limit(lambda: str(current_app.config["CHAT_LIMIT_PER_ACCOUNT"]), key_func=_account)
@blp.arguments(ChatIn)
@blp.response(200, TurnOut)
@blp.raises(errors.ConversationNotFound, errors.TurnNotFound, RateLimited, Busy)
def ask(body: dict[str, Any]) -> dict[str, Any]:
    """Say what you would like to learn, and get courses at once.

    While the answer is `thinking`, a provider is being asked: wait for it here, or follow its events. Where
    too many wait already, the answer comes at once, whatever `wait_seconds` says.
    """
    turn = chatting.ask(
        user_id=guards.current().user_id,
        message=body["message"],
        conversation_id=body["conversation_id"],
        is_personal=body["personal"],
        index=index(),
        has_providers=ai.assistant().is_configured,
        rules=_rules(),
        at=clock.now(),
    )
    with suppress(waiting.TooManyWaiting), waiting.places().one_for(guards.current().user_id):
        turn = _awaited(turn, seconds=body["wait_seconds"])
    return _shown(turn)


@blp.route("/chat/<uuid:turn_id>", methods=["GET"])
@guards.signed_in
@blp.response(200, TurnOut)
@blp.raises(errors.TurnNotFound)
def get_turn(turn_id: UUID) -> dict[str, Any]:
    """Return a turn as it is now."""
    return _shown(_mine(turn_id))


@blp.route("/chat/<uuid:turn_id>/events", methods=["GET"])
@guards.signed_in
@blp.response(200, EventOut, content_type="text/event-stream")
@blp.raises(errors.TurnNotFound, waiting.TooManyWaiting)
def events(turn_id: UUID) -> Response:
    """Follow a turn (server-sent events): `suggestions` at once, then `token` with words, `done` with it all.

    An `error` ends it when nobody answered in time; the turn can still be fetched. An account may follow
    five at a time.
    """
    turn, user_id, places = _mine(turn_id), guards.current().user_id, waiting.places()
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    places.take(user_id)
    told = Response(stream_with_context(_events(turn)), mimetype="text/event-stream", headers=headers)
    told.call_on_close(partial(places.leave, user_id))  # also when the first event was never asked for
    return told


@blp.route("/chat/history", methods=["GET"])
@guards.signed_in
@blp.arguments(PageQuery, location="query")
@blp.response(200, HistoryOut)
def history(query: dict[str, Any]) -> dict[str, Any]:
    """List what one asked and was answered, the newest first; it is forgotten after 30 days."""
    user_id = guards.current().user_id
    scope = cursor_scope("chat", user_id=user_id)
    after = decode_cursor(query["cursor"], scope=scope, order=chats.HISTORY_ORDER)
    page = chats.history(user_id, limit=query["limit"], after=after, at=clock.now())
    items = [_shown(turn) for turn in page.items]
    return {"items": items, "next_cursor": encode_cursor(page.next_values, scope=scope)}


@blp.route("/chat/history", methods=["DELETE"])
@guards.signed_in
@blp.response(204)
def forget() -> None:
    """Delete everything one asked and was answered."""
    chatting.forget(user_id=guards.current().user_id)


def _mine(turn_id: UUID) -> ChatTurn:
    return chatting.get_turn(turn_id=turn_id, user_id=guards.current().user_id, at=clock.now())


def _rules() -> chatting.Rules:
    return chatting.Rules(current_app.config["CURRENCY"], current_app.config["AI_TOKENS_PER_DAY"])


def _awaited(turn: ChatTurn, *, seconds: float) -> ChatTurn:
    """Return the turn once it is ready, or as it is when the time is over."""
    turn_id = turn.id
    ends_ms = clock.monotonic_ms() + round(seconds * 1000)
    while _status(turn) != READY and clock.monotonic_ms() < ends_ms:
        release_connection()
        time.sleep(LOOK_EVERY_S)
        turn = _mine(turn_id)
    return turn


def _events(turn: ChatTurn) -> Iterator[str]:
    # Nothing is kept of the database while a client takes its time to read.
    turn_id, told = turn.id, _dumped(turn)
    release_connection()
    yield _event("suggestions", told)
    try:
        told = _dumped(_awaited(_mine(turn_id), seconds=LONGEST_S))
    except errors.TurnNotFound as forgotten:
        yield _event("error", {"detail": forgotten.detail})
        return
    finally:
        release_connection()
    if told["status"] != READY:
        yield _event("error", {"detail": "The answer takes longer than usual. Fetch the turn again later."})
        return
    # In one piece: the guard reads all of a reply before anybody is shown a word of it.
    yield _event("token", {"text": told["reply"]})
    yield _event("done", told)


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def _dumped(turn: ChatTurn) -> Any:
    return TurnOut().dump(_shown(turn))


def _status(turn: ChatTurn) -> str:
    return answering.status(turn, at=clock.now())


def _shown(turn: ChatTurn) -> dict[str, Any]:
    told = chatting.told(turn)
    return {
        "conversation_id": turn.conversation_id,
        "turn_id": turn.id,
        "status": _status(turn),
        "message": turn.message,
        "reply": told.reply,
        "suggestions": told.suggestions,
        "followups": told.followups,
        "provider": told.provider,
        "understood": turn.understood,
        "created_at": turn.created_at,
    }
