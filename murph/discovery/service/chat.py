"""Take a question: understand it, find courses, answer at once; ring for a provider if there is one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from murph.core.db import db, release_connection, transactional
from murph.core.errors import Busy
from murph.core.ids import new_id
from murph.discovery import wishes
from murph.discovery.live import LiveIndex
from murph.discovery.models import READY, THINKING, ChatTurn, Conversation
from murph.discovery.queries import chats
from murph.discovery.service import answering, candidates, sayings
from murph.discovery.service.candidates import Offered
from murph.discovery.service.errors import ConversationNotFound, TurnNotFound
from murph.discovery.service.search import Taste, search
from murph.discovery.service.taste import taste_of
from murph.discovery.understanding.merge import Shown, Sought, merge
from murph.discovery.understanding.message import understand
from murph.gateways.ai import offline
from murph.gateways.ai.offline import Offline
from murph.gateways.ai.port import MAX_CANDIDATES, OFFLINE, Message, Role, Suggestion

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
    places: int
    tokens_per_day: int


@dataclass(frozen=True)
class Told:
    """An answer as it is shown: what is said, who says it, and the courses."""

    reply: str
    provider: str
    suggestions: list[Offered]
    followups: list[str]


@dataclass(frozen=True)
class _Before:
    """Where a conversation has got to: what it seeks, and its last turn."""

    number: int = 0
    sought: Sought = field(default_factory=Sought)
    shown: Sequence[Shown] = ()


@dataclass(frozen=True)
class _Answer:
    """What we say to a message ourselves."""

    message: str
    sought: Sought
    offers: list[dict[str, Any]]
    said: Suggestion


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
    is_affordable = chats.tokens_used(user_id=user_id, at=at) < rules.tokens_per_day
    for _ in range(MAX_ATTEMPTS):
        before = _before(user_id, conversation_id, at) if conversation_id else _Before()
        answer = _answer(before, message, taste, index, rules, at)
        release_connection()
        thinks = has_providers and is_affordable and bool(answer.offers)
        turn = _store(user_id, conversation_id, before, answer, thinks=thinks, rules=rules, at=at)
        if turn is not None:
            return turn
    raise Busy


def _before(user_id: UUID, conversation_id: UUID, at: datetime) -> _Before:
    found = chats.last_turn(conversation_id=conversation_id, user_id=user_id, at=at)
    if found is None:
        raise ConversationNotFound
    conversation, turn = found
    return _Before(turn.number, wishes.recalled(conversation.wishes), _shown(turn))


def _answer(
    before: _Before, message: str, taste: Taste, index: LiveIndex, rules: Rules, at: datetime
) -> _Answer:
    with index.up_to_date() as live:
        understood = understand(message, names=live.index, places=rules.places)
        categories = live.categories()
    sought = merge(before.sought, understood, before.shown)
    results = search(
        index=index,
        query=sought.subject,
        wanted=wishes.wanted(sought, categories),
        taste=taste,
        limit=MAX_CANDIDATES,
        at=at,
    )
    if not (results.found and results.is_confident):
        return _Answer(message, sought, [], sayings.nothing(sought.subject, results.nearest, results.meant))
    offers = candidates.first(candidates.offered(results.found), sought.picked)
    kept = [one.kept for one in offers]  # before the rows are given back, each of which would be read again
    told = [one.candidate for one in offers]
    said = Offline().suggest([Message(Role.STUDENT, message)], told)
    if str(told[0].course_id) == sought.picked:
        said = replace(said, reply=sayings.about(told[0]))
    return _Answer(message, sought, kept, said)


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
    before: _Before,
    answer: _Answer,
    *,
    thinks: bool,
    rules: Rules,
    at: datetime,
) -> ChatTurn | None:
    """Store the answer; None, and nothing is, when the conversation has got further meanwhile."""
    conversation = _conversation(user_id, conversation_id, before, wishes.kept(answer.sought), at)
    if conversation is None:
        return None
    turn = ChatTurn(
        id=new_id(),
        conversation_id=conversation.id,
        number=before.number + 1,
        message=answer.message,
        understood=wishes.told(answer.sought, currency=rules.currency),
        suggestions=answer.offers,
        reply=answer.said.reply,
        followups=list(answer.said.followups),
        provider=OFFLINE,
        status=THINKING if thinks else READY,
        created_at=at,
        ready_at=None if thinks else at,
    )
    db.session.add(turn)
    if thinks:
        answering.ring(turn.id)
    return turn


def _conversation(
    user_id: UUID, conversation_id: UUID | None, before: _Before, sought: dict[str, Any], at: datetime
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
        return Told(turn.reply, turn.provider, offers[:SHOWN], turn.followups)
    reply = offline.reply([one.candidate for one in offers])
    return Told(reply, OFFLINE, offers[:SHOWN], turn.followups if offers else [])


@transactional
def forget(*, user_id: UUID) -> None:
    """Delete everything somebody asked and was answered."""
    _delete(select(Conversation.id).where(Conversation.user_id == user_id))


@transactional
def forget_expired(*, at: datetime) -> int:
    """Delete conversations whose time is over, FORGOTTEN_AT_ONCE at most; return how many."""
    return _delete(select(Conversation.id).where(Conversation.expires_at <= at).limit(FORGOTTEN_AT_ONCE))


def _delete(conversations: Any) -> int:
    ids: Sequence[UUID] = db.session.scalars(conversations).all()
    db.session.execute(delete(ChatTurn).where(ChatTurn.conversation_id.in_(ids)))
    db.session.execute(delete(Conversation).where(Conversation.id.in_(ids)))
    return len(ids)
