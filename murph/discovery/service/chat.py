"""Take a question: understand it, find courses, answer at once; ring for a provider if there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from murph.core.db import db, release_connection, transactional
from murph.core.errors import Busy
from murph.core.ids import new_id
from murph.discovery import wishes
from murph.discovery.live import LiveIndex
from murph.discovery.models import READY, THINKING, ChatTurn, Conversation, TokenUse
from murph.discovery.queries import chats
from murph.discovery.service import answering, candidates, ours
from murph.discovery.service.candidates import Offered
from murph.discovery.service.errors import ConversationNotFound, TurnNotFound
from murph.discovery.service.ours import Before, Own
from murph.discovery.service.search import Taste
from murph.discovery.service.taste import taste_of
from murph.discovery.understanding.merge import Shown
from murph.gateways.ai import offline
from murph.gateways.ai.port import OFFLINE

KEPT_FOR = timedelta(days=30)
SHOWN = 5
"""How many courses an answer shows; a provider may bring up others of those that were found."""
FORGOTTEN_AT_ONCE = 500
MAX_ATTEMPTS = 10
"""How often a message is understood anew as others of its conversation were faster."""


@dataclass(frozen=True)
class Rules:
    """What a deployment allows: its currency, and how many tokens of providers an account has a day."""

    currency: str
    tokens_per_day: int


@dataclass(frozen=True)
class Told:
    """An answer as it is shown: what is said, who says it, and the courses."""

    reply: str
    provider: str
    suggestions: list[Offered]
    followups: list[str]


def ask(
    *,
    user_id: UUID,
    message: str,
    conversation_id: UUID | None,
    is_personal: bool,
    index: LiveIndex,
    has_providers: bool,
    rules: Rules,
    at: datetime,
) -> ChatTurn:
    """Store a message with our own answer; it is `thinking` when a provider will be asked about it too.

    Raises:
        ConversationNotFound: there is no such conversation of this user.
        Busy: others wrote to the conversation all the time.
    """
    taste = taste_of(user_id) if is_personal else Taste()
    may_think = has_providers and chats.tokens_used(user_id=user_id, at=at) < rules.tokens_per_day
    for _ in range(MAX_ATTEMPTS):
        before = _before(user_id, conversation_id, at) if conversation_id else Before()
        own = ours.answer(before, message, taste=taste, index=index, currency=rules.currency, at=at)
        release_connection()
        thinks = may_think and not own.is_final
        turn = _store(user_id, conversation_id, before, own, thinks=thinks, rules=rules, at=at)
        if turn is not None:
            return turn
    raise Busy


def _before(user_id: UUID, conversation_id: UUID, at: datetime) -> Before:
    found = chats.last_turn(conversation_id=conversation_id, user_id=user_id, at=at)
    if found is None:
        raise ConversationNotFound
    conversation, turn = found
    return Before(turn.number, wishes.recalled(conversation.wishes), _shown(turn))


def _shown(turn: ChatTurn) -> list[Shown]:
    """Return the courses of an answer as comparisons and "the second one" are about them."""
    return [
        Shown(
            key=str(one.course.id),
            teacher=str(one.course.teacher_id),
            price_minor=one.course.price_per_minute_minor,
            minutes=one.candidate.minutes,
            level=one.course.level,
        )
        for one in candidates.recalled(turn.suggestions[:SHOWN])
    ]


@transactional
def _store(
    user_id: UUID,
    conversation_id: UUID | None,
    before: Before,
    own: Own,
    *,
    thinks: bool,
    rules: Rules,
    at: datetime,
) -> ChatTurn | None:
    """Store the answer; None, and nothing is, when the conversation has got further meanwhile."""
    conversation = _conversation(user_id, conversation_id, before, wishes.kept(own.sought), at)
    if conversation is None:
        return None
    turn = _turn(conversation.id, before.number + 1, own, thinks=thinks, rules=rules, at=at)
    db.session.add(turn)
    if thinks:
        answering.ring(turn.id)
    return turn


def _turn(
    conversation_id: UUID, number: int, own: Own, *, thinks: bool, rules: Rules, at: datetime
) -> ChatTurn:
    return ChatTurn(
        id=new_id(),
        conversation_id=conversation_id,
        number=number,
        message=own.message,
        understood=wishes.told(own.sought, currency=rules.currency, foreign=own.understood.foreign),
        suggestions=own.offers,
        reply=own.said.reply,
        followups=list(own.said.followups),
        provider=OFFLINE,
        status=THINKING if thinks else READY,
        created_at=at,
        ready_at=None if thinks else at,
    )


def _conversation(
    user_id: UUID, conversation_id: UUID | None, before: Before, sought: dict[str, Any], at: datetime
) -> Conversation | None:
    """Return the conversation, which seeks this now; None when it is not where it was before."""
    if conversation_id is None:
        new = Conversation(
            id=new_id(), user_id=user_id, wishes=sought, created_at=at, expires_at=at + KEPT_FOR
        )
        db.session.add(new)
        db.session.flush()
        return new
    found = chats.locked_conversation(conversation_id=conversation_id, user_id=user_id, at=at)
    if found is None:
        raise ConversationNotFound
    if chats.last_number(conversation_id) != before.number:
        return None
    found.wishes, found.expires_at = sought, at + KEPT_FOR
    return found


def get_turn(*, turn_id: UUID, user_id: UUID, at: datetime) -> ChatTurn:
    """Return a turn of one's own.

    Raises:
        TurnNotFound: there is no such turn of this user.
    """
    turn = chats.turn(turn_id=turn_id, user_id=user_id, at=at)
    if turn is None:
        raise TurnNotFound
    return turn


def told(turn: ChatTurn) -> Told:
    """Return what a turn is answered with, as it is now: courses that were withdrawn since are not named."""
    offers = candidates.recalled(turn.suggestions)
    if len(offers) == len(turn.suggestions):
        return Told(_with_note(turn, turn.reply), turn.provider, offers[:SHOWN], turn.followups)
    reply = offline.reply([one.candidate for one in offers])
    return Told(_with_note(turn, reply), OFFLINE, offers[:SHOWN], turn.followups if offers else [])


def _with_note(turn: ChatTurn, reply: str) -> str:
    """Return a reply, whoever says it, with what the one who asked has to know besides."""
    note = turn.understood.get("note")
    return f"{reply} {note}" if note else reply


@transactional
def forget(*, user_id: UUID) -> None:
    """Delete everything somebody asked and was answered."""
    _delete(select(Conversation.id).where(Conversation.user_id == user_id))


@transactional
def forget_use(*, user_id: UUID) -> None:
    """Delete how many tokens an account used."""
    db.session.execute(delete(TokenUse).where(TokenUse.user_id == user_id))


@transactional
def forget_expired(*, at: datetime) -> int:
    """Delete conversations whose time is over, FORGOTTEN_AT_ONCE at most; return how many."""
    return _delete(select(Conversation.id).where(Conversation.expires_at <= at).limit(FORGOTTEN_AT_ONCE))


@transactional
def forget_tokens(*, at: datetime) -> None:
    """Delete how many tokens accounts used on days before KEPT_FOR."""
    db.session.execute(delete(TokenUse).where(TokenUse.day < (at - KEPT_FOR).date()))


def _delete(conversations: Any) -> int:
    ids: Sequence[UUID] = db.session.scalars(conversations).all()
    db.session.execute(delete(ChatTurn).where(ChatTurn.conversation_id.in_(ids)))
    db.session.execute(delete(Conversation).where(Conversation.id.in_(ids)))
    return len(ids)
