"""What is read about accounts and sign-ins."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from murph.auth.models import ACTIVE, RefreshToken, TokenFamily, User
from murph.core import clock
from murph.core.db import db

# Asked all the time: made once, and of tables, as columns of models go the long way through the ORM.
_user, _family = User.__table__.c, TokenFamily.__table__.c
_STANDING = (
    select(_user.user_type, _user.state, _family.revoked_at, _family.expires_at)
    .where(_family.user_id == _user.id)
    .where(_family.id == bindparam("family"), _user.id == bindparam("user"))
)
_WALLET = select(_user.wallet_address).where(_user.id == bindparam("user"))


@dataclass(frozen=True)
class Principal:
    """Who is asking, and through which sign-in."""

    user_id: UUID
    user_type: str
    family_id: UUID


@dataclass(frozen=True)
class Credentials:
    """What a password is checked against."""

    user_id: UUID
    password_hash: str


@dataclass(frozen=True)
class Standing:
    """What decides whether a sign-in may still act, read afresh."""

    user_type: str
    state: str
    revoked_at: datetime | None
    expires_at: datetime


def standing(*, user_id: UUID, family_id: UUID) -> Standing | None:
    """Return the present standing of an account and its sign-in, or None when they do not exist."""
    row = db.session.execute(_STANDING, {"family": family_id, "user": user_id}).one_or_none()
    return None if row is None else Standing(*row)


def credentials(*, email: str) -> Credentials | None:
    """Return the credentials of the account with this normalised e-mail."""
    row = db.session.execute(select(User.id, User.password_hash).where(User.email == email)).one_or_none()
    return None if row is None else Credentials(*row)


def has_signed_in_from(*, email: str, address_hash: str) -> bool:
    """Tell whether the account with this normalised e-mail has a sign-in from an address, ended or not."""
    query = (
        select(TokenFamily.id)
        .join(User, User.id == TokenFamily.user_id)
        .where(User.email == email, TokenFamily.address_hash == address_hash)
    )
    return db.session.scalar(query.limit(1)) is not None


def user(user_id: UUID) -> User | None:
    """Return an account."""
    return db.session.get(User, user_id)


def wallet_address(user_id: UUID) -> str | None:
    """Return the wallet that an account has connected, if any."""
    return db.session.scalar(_WALLET, {"user": user_id})


def user_by_email(email: str) -> User | None:
    """Return the account with this normalised e-mail."""
    return db.session.scalar(select(User).where(User.email == email))


def users(*, user_type: str | None, state: str | None, limit: int) -> list[User]:
    """Return the newest accounts first, at most `limit`."""
    wanted: dict[Any, str | None] = {User.user_type: user_type, User.state: state}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    return list(db.session.scalars(select(User).where(*conditions).order_by(User.id.desc()).limit(limit)))


def live_families(family_ids: Collection[UUID]) -> set[UUID]:
    """Return those sign-ins that may still act: not revoked, not expired, the account active."""
    return set(
        db.session.scalars(
            select(TokenFamily.id)
            .join(User, User.id == TokenFamily.user_id)
            .where(
                TokenFamily.id.in_(family_ids),
                TokenFamily.revoked_at.is_(None),
                TokenFamily.expires_at > clock.now(),
                User.state == ACTIVE,
            )
        )
    )


def expired_tokens(before: datetime, *, limit: int) -> list[UUID]:
    """Return refresh tokens that expired before a moment, at most `limit`."""
    query = select(RefreshToken.jti).where(RefreshToken.expires_at < before).limit(limit)
    return list(db.session.scalars(query))


def locked_expired_families(before: datetime, *, limit: int) -> list[UUID]:
    """Return sign-ins that expired before a moment, at most `limit`, locked until the transaction ends."""
    query = select(TokenFamily.id).where(TokenFamily.expires_at < before).limit(limit)
    return list(db.session.scalars(query.with_for_update()))
