"""Requests that carry a key of their client's: each has its effect once, and one answer.

A row is a key and, once there is one, the answer to it. Two kinds of verbs use it:

* Without a call to the outside, `once` commits the row together with the verb's effect. A duplicate waits
  for the row and then gets the stored answer; a failure leaves no row.
* With one, which no transaction may wait for, `begin` commits the row together with the intent; the call
  is made; `finish` stores the answer, or `abandon` takes the row away. While it lives, whoever makes the
  call keeps the row claimed with `renew`. A row whose claim has run out is that of a process that died:
  the next equal request resumes its intent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Select, String, Text, UniqueConstraint, delete, select, update
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from murph.core.db import Base, UtcDateTime, UuidKey, db, insert_if_absent, table_args, transactional
from murph.core.errors import Conflict, Unprocessable
from murph.core.ids import new_id

KEPT_FOR = timedelta(hours=24)
CLAIMED_FOR = timedelta(seconds=5)
"""How long a process that makes a call is believed to live since it last said so."""
BATCH = 500


class KeyReused(Unprocessable):
    """The key was sent before, with another body."""

    code = "idempotency_key_reused"
    detail = "This Idempotency-Key was used for another request. Send a new key with a new request."


class RequestInProgress(Conflict):
    """An equal request with this key is being worked on."""

    code = "request_in_progress"
    detail = "The first request with this Idempotency-Key is still being worked on. Repeat it shortly."


class IdempotencyKey(Base):
    """A key of one account for one operation; `ref` is the intent of a call to the outside."""

    __tablename__ = "idempotency"
    __table_args__ = table_args(
        UniqueConstraint("actor_id", "scope", "ikey"),
        CheckConstraint("status IS NULL OR (status >= 200 AND status < 300)", name="success"),
        CheckConstraint("(status IS NULL) = (body IS NULL)", name="answer"),
        Index(None, "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(UuidKey, primary_key=True)
    actor_id: Mapped[UUID] = mapped_column(UuidKey)
    scope: Mapped[str] = mapped_column(String(120))
    ikey: Mapped[str] = mapped_column(String(80))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    # A plain TEXT of MySQL ends at 64 KiB, a receipt of very many intervals may not.
    body: Mapped[str | None] = mapped_column(Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"))
    ref: Mapped[UUID | None] = mapped_column(UuidKey)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Request:
    """What makes two requests the same one: whose, to what, under which key; the hash is of the body."""

    actor_id: UUID
    scope: str
    key: str
    hash: str


@dataclass(frozen=True)
class Answer:
    """A status and a body, byte for byte; whether it was stored by an earlier request."""

    status: int
    body: str
    is_replay: bool = False


@dataclass(frozen=True)
class Claim:
    """The right to make the call of one intent, and to answer for it."""

    id: UUID
    ref: UUID


def find(request: Request, *, at: datetime) -> Answer | None:
    """Return the answer stored for an equal request, or None when it is still to be found.

    Raises:
        KeyReused: the key belongs to another body.
        RequestInProgress: somebody is making the call.
    """
    row = db.session.scalar(_of(request))
    return None if row is None or row.expires_at <= at else _answer_in(row, request, at=at)


@transactional
def once(request: Request, perform: Callable[[], Answer], *, at: datetime) -> Answer:
    """Return what `perform` answers, stored in one transaction with its effect, or what is stored.

    `perform` refuses by raising, which undoes both.

    Raises:
        KeyReused: the key belongs to another body.
    """
    row = _claimed_row(request, at=at)
    stored = _answer_in(row, request, at=at)
    if stored is not None:
        return stored
    answer = perform()
    row.status, row.body = answer.status, answer.body
    return answer


@transactional
def begin(request: Request, intend: Callable[[], UUID], *, at: datetime) -> Claim | Answer:
    """Return the claim on a request's call, its intent made durable with the key, or what is stored.

    `intend` writes the intent and returns its id. It is not asked when a process died before it could
    answer: the claim is then on the intent of that time.

    Raises:
        KeyReused: the key belongs to another body.
        RequestInProgress: somebody is making the call.
    """
    row = _claimed_row(request, at=at)
    stored = _answer_in(row, request, at=at)
    if stored is not None:
        return stored
    row.ref = row.ref or intend()
    row.claimed_until = at + CLAIMED_FOR
    return Claim(row.id, row.ref)


@transactional
def renew(claim: Claim, *, at: datetime) -> None:
    """Say that the call is still being made."""
    open_row = (IdempotencyKey.id == claim.id) & IdempotencyKey.status.is_(None)
    db.session.execute(update(IdempotencyKey).where(open_row).values(claimed_until=at + CLAIMED_FOR))


@transactional
def finish(claim: Claim, answer: Answer) -> Answer:
    """Store the answer that the call led to, and return what is stored."""
    query = select(IdempotencyKey).where(IdempotencyKey.id == claim.id).with_for_update()
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        return answer  # a second process, which believed this one dead, has failed meanwhile
    if row.status is None or row.body is None:
        row.status, row.body, row.claimed_until = answer.status, answer.body, None
        return answer
    return Answer(row.status, row.body, is_replay=True)


@transactional
def abandon(claim: Claim) -> None:
    """Forget a request that was refused, so that the next one with its key begins anew."""
    open_row = (IdempotencyKey.id == claim.id) & IdempotencyKey.status.is_(None)
    db.session.execute(delete(IdempotencyKey).where(open_row))


def forget_expired(*, at: datetime) -> None:
    """Delete the keys whose time is over, in small transactions."""
    while _forget(at):
        pass


@transactional
def _forget(at: datetime) -> int:
    is_over = IdempotencyKey.expires_at <= at
    found = db.session.scalars(select(IdempotencyKey.id).where(is_over).limit(BATCH)).all()
    # Asked once more, as a request may have taken an expired row over since.
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.id.in_(found), is_over))
    return len(found)


def _of(request: Request) -> Select[IdempotencyKey]:
    return select(IdempotencyKey).where(
        IdempotencyKey.actor_id == request.actor_id,
        IdempotencyKey.scope == request.scope,
        IdempotencyKey.ikey == request.key,
    )


def _claimed_row(request: Request, *, at: datetime) -> IdempotencyKey:
    """Return the request's row, locked; waits while another transaction has it."""
    fresh = {"request_hash": request.hash, "created_at": at, "expires_at": at + KEPT_FOR}
    names = {"id": new_id(), "actor_id": request.actor_id, "scope": request.scope, "ikey": request.key}
    insert_if_absent(IdempotencyKey.__table__, [names | fresh])  # type: ignore[arg-type]
    query = _of(request).with_for_update().execution_options(populate_existing=True)
    row = db.session.scalars(query).one()
    if row.expires_at <= at:
        row.status = row.body = row.ref = row.claimed_until = None
        for name, value in fresh.items():
            setattr(row, name, value)
    return row


def _answer_in(row: IdempotencyKey, request: Request, *, at: datetime) -> Answer | None:
    if row.request_hash != request.hash:
        raise KeyReused
    if row.status is not None and row.body is not None:
        return Answer(row.status, row.body, is_replay=True)
    if row.claimed_until is not None and at < row.claimed_until:
        raise RequestInProgress(retry_after_s=ceil((row.claimed_until - at).total_seconds()))
    return None
