"""Signing in, renewing, signing out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from murph.auth import passwords, queries
from murph.auth.models import SUSPENDED, RefreshToken, TokenFamily, User
from murph.auth.origins import NOWHERE, Origin
from murph.auth.passwords import PasswordCost
from murph.auth.queries import Credentials, Principal, Standing
from murph.auth.service import failures
from murph.auth.service.users import locked_user, normalise_email
from murph.core.db import db, transactional
from murph.core.errors import Forbidden, Unauthenticated
from murph.core.ids import new_id

REFRESH_LIFETIME = timedelta(days=30)
REUSE_WINDOW = timedelta(seconds=10)
"""How long after its first use a refresh token works again: the first answer may have been lost."""


class InvalidCredentials(Unauthenticated):
    """No account has this e-mail and this password."""

    code = "invalid_credentials"
    detail = "E-mail and password do not fit together. Check both."


class AccountSuspended(Forbidden):
    """An administrator has suspended the account."""

    code = "account_suspended"
    detail = "This account is suspended. Write to support to have it restored."


class TokenInvalid(Unauthenticated):
    """The token is malformed, forged, or of another kind."""

    code = "token_invalid"
    detail = "This is not a token of ours for this purpose. Sign in again."


class TokenExpired(Unauthenticated):
    """The token was good once."""

    code = "token_expired"
    detail = "The token has expired. Renew it with the refresh token, or sign in again."


class TokenRevoked(Unauthenticated):
    """The sign-in that the token comes from was ended."""

    code = "token_revoked"
    detail = "This sign-in was ended. Sign in again."


@dataclass(frozen=True)
class Grant:
    """What a sign-in or a renewal gives: the tokens are written from it."""

    user: User
    family_id: UUID
    refresh_jti: UUID


def login(*, email: str, password: str, cost: PasswordCost, origin: Origin = NOWHERE, at: datetime) -> Grant:
    """Sign in; an unknown e-mail takes as long to refuse as a wrong password.

    Raises:
        InvalidCredentials: no account has this e-mail and this password.
        AccountSuspended: they are right, and the account is suspended.
    """
    found = queries.credentials(email=normalise_email(email))
    password_hash = found.password_hash if found else None
    if not passwords.matches(password_hash, password, cost) or found is None:
        if found is None:
            failures.note(failures.UNKNOWN_EMAIL)
        else:
            failures.note(failures.WRONG_PASSWORD, user_id=found.user_id)
        raise InvalidCredentials
    renewed_hash = None
    if passwords.is_outdated(found.password_hash, cost):
        renewed_hash = passwords.hash_password(password, cost)
    grant = _sign_in(found, renewed_hash, origin, at)
    # None: the hash changed while we were verifying, so look again at what it is now.
    return grant or login(email=email, password=password, cost=cost, origin=origin, at=at)


@transactional
def _sign_in(verified: Credentials, renewed_hash: str | None, origin: Origin, at: datetime) -> Grant | None:
    user = locked_user(verified.user_id)
    if user.password_hash != verified.password_hash:
        return None
    if user.state == SUSPENDED:
        failures.note(failures.SUSPENDED, user_id=user.id)
        raise AccountSuspended
    user.password_hash = renewed_hash or user.password_hash
    return open_family(user, origin, at)


def authenticate(*, user_id: UUID, family_id: UUID, at: datetime) -> Principal:
    """Return who acts through a sign-in, with the role the database knows now.

    Raises:
        TokenRevoked: the sign-in was ended, or never was.
        TokenExpired: the sign-in is past its time.
        AccountSuspended: the account is suspended.
    """
    standing = queries.standing(user_id=user_id, family_id=family_id)
    if standing is None:
        raise TokenRevoked
    _require_good(standing, at=at)
    return Principal(user_id, standing.user_type, family_id)


def _require_good(standing: Standing, *, at: datetime) -> None:
    if standing.state == SUSPENDED:
        raise AccountSuspended
    if standing.revoked_at is not None:
        raise TokenRevoked
    if standing.expires_at <= at:
        raise TokenExpired


def refresh(*, user_id: UUID, family_id: UUID, jti: UUID, at: datetime) -> Grant:
    """Exchange a refresh token for a fresh pair of the same sign-in.

    A token works once, and again within REUSE_WINDOW of its first use. Later reuse means that two
    parties hold it, so the whole sign-in ends.

    Raises:
        TokenRevoked: the sign-in was ended, also by this very reuse.
        TokenExpired: the token or its sign-in is past its time.
        AccountSuspended: the account is suspended.
    """
    grant = _rotate(user_id=user_id, family_id=family_id, jti=jti, at=at)
    if grant is None:
        failures.note(failures.TOKEN_REUSED, user_id=user_id)
        raise TokenRevoked("This refresh token was used before, so its sign-in was ended. Sign in again.")
    return grant


@transactional
def _rotate(*, user_id: UUID, family_id: UUID, jti: UUID, at: datetime) -> Grant | None:
    family, user = _locked_family(family_id), queries.user(user_id)
    if family is None or user is None or family.user_id != user_id:
        raise TokenRevoked
    _require_good(Standing(user.user_type, user.state, family.revoked_at, family.expires_at), at=at)
    token = db.session.get(RefreshToken, jti, populate_existing=True)
    if token is None or token.family_id != family_id:
        raise TokenRevoked
    if token.expires_at <= at:
        raise TokenExpired
    if token.used_at is not None and at - token.used_at > REUSE_WINDOW:
        family.revoked_at = at
        return None
    token.used_at = token.used_at or at
    return _extend_family(user, family, at)


@transactional
def logout(*, family_id: UUID, at: datetime) -> None:
    """End one sign-in with all its tokens; ending it again changes nothing."""
    revoke(TokenFamily.id == family_id, at)


def open_family(user: User, origin: Origin, at: datetime) -> Grant:
    """Sign an account in, inside the caller's transaction."""
    family = TokenFamily(
        user_id=user.id,
        address_hash=origin.address_hash,
        agent_hash=origin.agent_hash,
        created_at=at,
        expires_at=at,
    )
    db.session.add(family)
    return _extend_family(user, family, at)


def _extend_family(user: User, family: TokenFamily, at: datetime) -> Grant:
    family.expires_at = at + REFRESH_LIFETIME
    db.session.flush()  # the token's row needs the family's
    token = RefreshToken(jti=new_id(), family_id=family.id, issued_at=at, expires_at=family.expires_at)
    db.session.add(token)
    return Grant(user, family.id, token.jti)


def revoke(which: ColumnElement[bool], at: datetime) -> None:
    """End those of the sign-ins that are still open, inside the caller's transaction."""
    still_open = which & TokenFamily.revoked_at.is_(None)
    db.session.execute(update(TokenFamily).where(still_open).values(revoked_at=at))


def _locked_family(family_id: UUID) -> TokenFamily | None:
    query = select(TokenFamily).where(TokenFamily.id == family_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))
