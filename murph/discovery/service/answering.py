"""Ask a provider about a turn: claimed by one worker, asked outside any transaction, stored once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, update

from murph.core import clock
from murph.core.db import db, insert_if_absent, release_connection, transactional
from murph.core.queue import enqueue
from murph.discovery.models import READY, THINKING, ChatTurn, TokenUse
from murph.discovery.queries import chats
from murph.discovery.service import candidates
from murph.gateways.ai.choice import Answer, Assistant
from murph.gateways.ai.port import Candidate, Message, Role

CLAIM = timedelta(seconds=30)
"""Longer than all providers together may take."""
WAITED_FOR = timedelta(minutes=2)
"""Nobody waits any longer than this: then what we said ourselves is the answer."""
REMEMBERED = 6
"""Turns of a conversation that a provider is told."""
AT_ONCE = 20


@dataclass(frozen=True)
class _Question:
    """What a provider is told: no name, no e-mail, no balance; whose question it is stays with us."""

    turn_id: UUID
    user_id: UUID
    messages: list[Message]
    offers: list[Candidate]


def answer(*, turn_id: UUID, assistant: Assistant, tokens_per_day: int, at: datetime) -> bool:
    """Have a provider answer a turn; return False when none is asked.

    That is so when it is answered, or being answered, already, when it has waited for too long, and when its
    account has used up its tokens meanwhile.
    """
    question = _claim(turn_id=turn_id, tokens_per_day=tokens_per_day, at=at)
    if question is None:
        return False
    release_connection()
    said = assistant.suggest(question.messages, question.offers)
    _finish(question=question, said=said, at=clock.now())
    return True


def ring_due(*, at: datetime) -> int:
    """Ring again for those turns whose ring was lost, or whose worker was; return for how many."""
    waiting = chats.waiting(at=at, limit=AT_ONCE)
    release_connection()
    for turn_id in waiting:
        ring(turn_id)
    return len(waiting)


def ring(turn_id: UUID) -> None:
    """Ring for a provider to be asked about a turn."""
    enqueue("discovery.answer", id=turn_id.hex, turn_id=str(turn_id))


def status(turn: ChatTurn, *, at: datetime) -> str:
    """Return whether a turn's answer is still to come; it is not when nobody gave one in time."""
    return READY if turn.created_at + WAITED_FOR <= at else turn.status


@transactional
def _claim(*, turn_id: UUID, tokens_per_day: int, at: datetime) -> _Question | None:
    """Take a turn for this worker; its question is read here as well, while nobody can delete it."""
    turn = chats.locked_turn(turn_id)
    if turn is None or turn.status != THINKING or (turn.claimed_until and turn.claimed_until > at):
        return None
    # Once more, as questions asked at the same moment have all seen the tokens that were left before them.
    user_id = chats.asker(turn)
    is_affordable = chats.tokens_used(user_id=user_id, at=at) < tokens_per_day
    if not is_affordable or status(turn, at=at) == READY:
        turn.status, turn.ready_at = READY, at
        return None
    turn.claimed_until = at + CLAIM
    turns = chats.latest(turn.conversation_id, limit=REMEMBERED)
    offers = [one.candidate for one in candidates.recalled(turn.suggestions)]
    return _Question(turn_id, user_id, _messages(turns, turn), offers)


def _messages(turns: list[ChatTurn], asked: ChatTurn) -> list[Message]:
    said: list[Message] = []
    for turn in turns:
        if turn.number < asked.number:
            said += [Message(Role.STUDENT, turn.message), Message(Role.ASSISTANT, turn.reply)]
    understood = "; ".join(f"{name}: {value}" for name, value in asked.understood.items() if value)
    return [*said, Message(Role.UNDERSTOOD, understood), Message(Role.STUDENT, asked.message)]


@transactional
def _finish(*, question: _Question, said: Answer, at: datetime) -> None:
    _note_tokens(question.user_id, said.tokens.total, at=at)
    turn = chats.locked_turn(question.turn_id)
    if turn is None or turn.status == READY:  # it was forgotten, or answered, meanwhile
        return
    turn.status, turn.ready_at = READY, at
    still = candidates.recalled(turn.suggestions)
    if {one.course.id for one in still} != {offer.course_id for offer in question.offers}:
        return  # what was said may be about a course that was withdrawn meanwhile
    picks = [(pick.course_id, pick.reason) for pick in said.suggestion.picks]
    turn.suggestions = [one.kept for one in candidates.rearranged(still, picks)]
    turn.reply, turn.followups = said.suggestion.reply, list(said.suggestion.followups)
    turn.provider = said.spoken_by


def _note_tokens(user_id: UUID, tokens: int, *, at: datetime) -> None:
    key: dict[str, Any] = {"user_id": user_id, "day": at.date()}
    table = TokenUse.__table__
    assert isinstance(table, Table)
    insert_if_absent(table, [{**key, "tokens": 0}])
    mine = update(TokenUse).where(TokenUse.user_id == user_id, TokenUse.day == at.date())
    db.session.execute(mine.values(tokens=TokenUse.tokens + tokens))
