"""Reading conversations and their turns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from murph.core.db import db
from murph.core.paging import Order, Page, fetch_page
from murph.discovery.models import THINKING, ChatTurn, Conversation, TokenUse

HISTORY_ORDER = (Order(ChatTurn.id, descending=True),)


def last_turn(*, conversation_id: UUID, user_id: UUID, at: datetime) -> tuple[Conversation, ChatTurn] | None:
    """Return somebody's conversation and its last turn, if it is not forgotten yet.

    In one statement: between two it could be deleted.
    """
    query = (
        select(Conversation, ChatTurn)
        .join(ChatTurn, ChatTurn.conversation_id == Conversation.id)
        .where(_is_alive(conversation_id, user_id, at))
        .order_by(ChatTurn.number.desc())
        .limit(1)
    )
    found = db.session.execute(query.execution_options(populate_existing=True)).one_or_none()
    return None if found is None else (found[0], found[1])


def locked_conversation(*, conversation_id: UUID, user_id: UUID, at: datetime) -> Conversation | None:
    """Return somebody's conversation, its row locked until the transaction ends."""
    query = select(Conversation).where(_is_alive(conversation_id, user_id, at)).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def _is_alive(conversation_id: UUID, user_id: UUID, at: datetime) -> ColumnElement[bool]:
    is_theirs = and_(Conversation.id == conversation_id, Conversation.user_id == user_id)
    return and_(is_theirs, Conversation.expires_at > at)


def last_number(conversation_id: UUID) -> int | None:
    """Return the number of a conversation's last turn."""
    query = select(func.max(ChatTurn.number)).where(ChatTurn.conversation_id == conversation_id)
    return db.session.scalar(query)


def turn(*, turn_id: UUID, user_id: UUID, at: datetime) -> ChatTurn | None:
    """Return a turn of somebody's conversation as it is now, if it is not forgotten yet."""
    query = _turns(user_id, at).where(ChatTurn.id == turn_id)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _turns(user_id: UUID, at: datetime) -> Select[ChatTurn]:
    query = select(ChatTurn).join(Conversation, Conversation.id == ChatTurn.conversation_id)
    return query.where(Conversation.user_id == user_id, Conversation.expires_at > at)


def locked_turn(turn_id: UUID) -> ChatTurn | None:
    """Return a turn, its row locked until the transaction ends; None when it is gone."""
    query = select(ChatTurn).where(ChatTurn.id == turn_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def latest(conversation_id: UUID, *, limit: int) -> list[ChatTurn]:
    """Return the last turns of a conversation, the oldest of them first."""
    query = select(ChatTurn).where(ChatTurn.conversation_id == conversation_id)
    return list(db.session.scalars(query.order_by(ChatTurn.number.desc()).limit(limit)))[::-1]


def asker(turn: ChatTurn) -> UUID:
    """Return whose turn it is."""
    return db.session.get_one(Conversation, turn.conversation_id).user_id


def history(user_id: UUID, *, limit: int, after: Sequence[Any] | None, at: datetime) -> Page:
    """Return a page of everything somebody asked and that is not forgotten yet, the newest first."""
    return fetch_page(_turns(user_id, at), order=HISTORY_ORDER, limit=limit, after=after)


def waiting(*, at: datetime, limit: int) -> list[UUID]:
    """Return turns that a provider is to be asked about and nobody asks just now, the oldest first."""
    unclaimed = or_(ChatTurn.claimed_until.is_(None), ChatTurn.claimed_until <= at)
    query = select(ChatTurn.id).where(ChatTurn.status == THINKING, unclaimed)
    return list(db.session.scalars(query.order_by(ChatTurn.created_at).limit(limit)))


def tokens_used(*, user_id: UUID, at: datetime) -> int:
    """Return how many tokens an account's questions took on this day."""
    query = select(TokenUse.tokens).where(TokenUse.user_id == user_id, TokenUse.day == at.date())
    return db.session.scalar(query) or 0
