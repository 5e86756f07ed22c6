"""Figures about chats: do they lead to somebody watching?"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from murph.core.db import db
from murph.core.figures import DAY, DAY_S, Figure, Reader, one
from murph.discovery.models import READY, THINKING, ChatTurn, Conversation
from murph.session.models import WatchSession


def readers() -> list[Reader]:
    """Return what reads figures about chats."""
    return [Reader(_last_day, DAY_S)]


def _last_day(at: datetime) -> Iterator[Figure]:
    """Tell turns of the last day, and how many of them led to a session.

    A turn led to one if its asker started a session after it, within this day, on a course that it suggested.
    """
    turns = db.session.scalar(turns_asked(at))
    led = {row.id for row in db.session.execute(followed_turns(at)) if _is_suggested(row)}
    yield one("murph_chat_turns_day", "Chat turns of the last day.", turns)
    yield one("murph_chat_turns_day_led_to_session", "Those followed by a session on a suggestion.", len(led))


def _is_suggested(row: Any) -> bool:
    return any(each["course_id"] == str(row.course_id) for each in row.suggestions)


def turns_asked(at: datetime) -> Select[Any]:
    """Count the turns of the last day."""
    return select(func.count()).where(*_of_last_day(at))


def followed_turns(at: datetime) -> Select[Any, Any, Any]:
    """Find the turns of the last day after which their asker started a session, with its course."""
    query = select(ChatTurn.id, ChatTurn.suggestions, WatchSession.course_id)
    query = query.join(Conversation, Conversation.id == ChatTurn.conversation_id)
    later = (WatchSession.student_id == Conversation.user_id) & (
        WatchSession.created_at >= ChatTurn.created_at
    )
    return query.join(WatchSession, later).where(*_of_last_day(at))


def _of_last_day(at: datetime) -> tuple[Any, ...]:
    return ChatTurn.status.in_((READY, THINKING)), ChatTurn.created_at >= at - DAY
