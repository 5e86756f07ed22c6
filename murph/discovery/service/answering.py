"""Ask a provider about a turn: claimed by one worker, asked outside any transaction, stored once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, update

from murph.core.db import db, insert_if_absent, release_connection, transactional
from murph.discovery.models import READY, THINKING, ChatTurn, TokenUse
from murph.discovery.queries import chats
from murph.discovery.service import candidates
from murph.discovery.service.candidates import Offered
from murph.gateways.ai.choice import Answer, Assistant
from murph.gateways.ai.port import Message, Role

CLAIM = timedelta(seconds=30)
"""Longer than all providers together may take."""
REMEMBERED = 6
"""Turns of a conversation that a provider is told."""
AT_ONCE = 20


@dataclass(frozen=True)
class _Question:
    """What a provider is told: no name, no e-mail, no balance."""

    turn_id: UUID
    messages: list[Message]
    offers: list[Offered]


def answer(*, turn_id: UUID, assistant: Assistant, at: datetime) -> bool:
    """Have a provider answer a turn; return False when it is answered, or being answered, already."""
    question = _claim(turn_id=turn_id, at=at)
    if question is None:
        return False
    offers = [one.candidate for one in question.offers]
    release_connection()
    said = assistant.suggest(question.messages, offers)
    _finish(turn_id=turn_id, said=said, at=at)
    return True


def answer_due(*, assistant: Assistant, at: datetime) -> int:
    """Have those turns answered whose ring was lost; return how many."""
    waiting = chats.waiting(at=at, limit=AT_ONCE)
    release_connection()
    return sum(answer(turn_id=turn_id, assistant=assistant, at=at) for turn_id in waiting)


def _claim(*, turn_id: UUID, at: datetime) -> _Question | None:
    if not _is_claimed(turn_id=turn_id, at=at):
        return None
    turn = db.session.get_one(ChatTurn, turn_id)
    turns = chats.latest(turn.conversation_id, limit=REMEMBERED)
    return _Question(turn_id, _messages(turns, turn), candidates.recalled(turn.suggestions))


@transactional
def _is_claimed(*, turn_id: UUID, at: datetime) -> bool:
    turn = chats.locked_turn(turn_id)
    if turn is None or turn.status != THINKING or (turn.claimed_until and turn.claimed_until > at):
        return False
    turn.claimed_until = at + CLAIM
    return True


def _messages(turns: list[ChatTurn], asked: ChatTurn) -> list[Message]:
    said: list[Message] = []
    for turn in turns:
        if turn.number < asked.number:
            said += [Message(Role.STUDENT, turn.message), Message(Role.ASSISTANT, turn.reply)]
    understood = "; ".join(f"{name}: {value}" for name, value in asked.understood.items() if value)
    return [*said, Message(Role.UNDERSTOOD, understood), Message(Role.STUDENT, asked.message)]


@transactional
def _finish(*, turn_id: UUID, said: Answer, at: datetime) -> None:
    turn = chats.locked_turn(turn_id)
    if turn is None:  # it was forgotten meanwhile
        return
    _note_tokens(chats.asker(turn), said.tokens.total, at=at)
    if turn.status == READY:
        return
    picks = [(pick.course_id, pick.reason) for pick in said.suggestion.picks]
    offers = candidates.rearranged(candidates.recalled(turn.suggestions), picks)
    turn.suggestions = [one.kept for one in offers]
    turn.reply, turn.followups = said.suggestion.reply, list(said.suggestion.followups)
    turn.provider, turn.status, turn.ready_at = said.spoken_by, READY, at


def _note_tokens(user_id: UUID, tokens: int, *, at: datetime) -> None:
    key: dict[str, Any] = {"user_id": user_id, "day": at.date()}
    table = TokenUse.__table__
    assert isinstance(table, Table)
    insert_if_absent(table, [{**key, "tokens": 0}])
    mine = update(TokenUse).where(TokenUse.user_id == user_id, TokenUse.day == at.date())
    db.session.execute(mine.values(tokens=TokenUse.tokens + tokens))
