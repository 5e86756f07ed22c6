"""Opening, changing and shutting accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from murph.auth import passwords
from murph.auth.models import ACTIVE, ADMIN, SUSPENDED, TokenFamily, User
from murph.auth.origins import NOWHERE, Origin
from murph.auth.passwords import PasswordCost
from murph.auth.service.signins import Grant, open_family, revoke
from murph.auth.service.users import get_user, locked_user, normalise_email
from murph.core import audit
from murph.core.db import db, transactional, violated_constraint
from murph.core.errors import Conflict, Forbidden
from murph.core.events import tell

DECISIVE = {"email", "password", "wallet_address"}
"""What decides who signs in, or where money goes: a change of it is a deed, also by the owner."""


class EmailTaken(Conflict):
    """Another account has this e-mail."""

    code = "email_taken"
    detail = "An account with this e-mail exists. Sign in to it, or use another e-mail."


class WrongPassword(Forbidden):
    """The current password, asked for again, is not right."""

    code = "wrong_password"
    detail = "The current password is not right. Nothing was changed; send the right one."


class ProfileChanges(TypedDict, total=False):
    """The fields of a profile that change; an absent key stays as it is."""

    name: str
    bio: str | None
    avatar_url: str | None
    wallet_address: str | None
    email: str


@dataclass(frozen=True)
class StateChanged:
    """An account was suspended or restored."""

    user_id: UUID
    at: datetime


@dataclass(frozen=True)
class Renamed:
    """An account goes by another name."""

    user_id: UUID


@dataclass(frozen=True)
class PasswordChange:
    """A new password, with the proof that the owner asks for it, and the sign-in that survives."""

    current: str
    new: str
    keep_family_id: UUID
    cost: PasswordCost


def register(
    *,
    email: str,
    password: str,
    name: str,
    user_type: str,
    wallet_address: str | None = None,
    cost: PasswordCost,
    origin: Origin = NOWHERE,
    at: datetime,
) -> Grant:
    """Create a student's or teacher's account and sign it in.

    Raises:
        EmailTaken: another account has the e-mail.
    """
    user = User(
        email=normalise_email(email),
        password_hash=passwords.hash_password(password, cost),
        name=name,
        user_type=user_type,
        wallet_address=wallet_address,
        created_at=at,
        updated_at=at,
    )
    return _register(user, origin, at)


@transactional
def _register(user: User, origin: Origin, at: datetime) -> Grant:
    return open_family(_add(user), origin, at)


def create_admin(*, email: str, password: str, name: str, cost: PasswordCost, at: datetime) -> User:
    """Create an administrator's account.

    Raises:
        EmailTaken: another account has the e-mail.
    """
    user = User(
        email=normalise_email(email),
        password_hash=passwords.hash_password(password, cost),
        name=name,
        user_type=ADMIN,
        created_at=at,
        updated_at=at,
    )
    return _add(user)


@transactional
def _add(user: User) -> User:
    db.session.add(user)
    _flush_email()
    if user.user_type == ADMIN:
        audit.note("user.admin_created", at=user.created_at, object_id=user.id)
    return user


def update_profile(
    *,
    user_id: UUID,
    changes: ProfileChanges,
    password: PasswordChange | None = None,
    actor_id: UUID,
    at: datetime,
) -> User:
    """Change fields of an account, and its password, all or nothing.

    A new password ends every other sign-in of the account. `actor_id` is who asks: the audit log keeps
    the names of what others changed, and of what is DECISIVE.

    Raises:
        UserNotFound: there is no such account.
        EmailTaken: another account has the new e-mail.
        WrongPassword: the current password is not right.
    """
    if password is None:
        return _update_profile(user_id, changes, actor_id, at)
    verified_hash = get_user(user_id=user_id).password_hash
    if not passwords.matches(verified_hash, password.current, password.cost):
        raise WrongPassword
    new_hash = passwords.hash_password(password.new, password.cost)
    return _change_password(user_id, verified_hash, new_hash, password.keep_family_id, changes, actor_id, at)


@transactional
def _update_profile(user_id: UUID, changes: ProfileChanges, actor_id: UUID, at: datetime) -> User:
    user = locked_user(user_id)
    _note_changes(user, _apply(user, changes, at), actor_id, at)
    return user


@transactional
def _change_password(
    user_id: UUID,
    verified_hash: str,
    new_hash: str,
    keep_family_id: UUID,
    changes: ProfileChanges,
    actor_id: UUID,
    at: datetime,
) -> User:
    user = locked_user(user_id)
    if user.password_hash != verified_hash:
        raise WrongPassword  # another request changed it meanwhile
    user.password_hash = new_hash
    changed = {"password"} | _apply(user, changes, at)
    revoke((TokenFamily.user_id == user_id) & (TokenFamily.id != keep_family_id), at)
    _note_changes(user, changed, actor_id, at)
    return user


def _apply(user: User, changes: ProfileChanges, at: datetime) -> set[str]:
    """Set what is wanted; return the names of what is not as it was."""
    before = {field: getattr(user, field) for field in changes}
    for field, value in changes.items():
        setattr(user, field, normalise_email(str(value)) if field == "email" else value)
    user.updated_at = at
    _flush_email()
    changed = {field for field, was in before.items() if getattr(user, field) != was}
    if "name" in changed:
        tell(Renamed(user.id))
    return changed


def _note_changes(user: User, changed: set[str], actor_id: UUID, at: datetime) -> None:
    told = changed & DECISIVE if actor_id == user.id else changed
    if told:
        details = {"changed": sorted(told)}
        audit.note("user.changed", at=at, object_id=user.id, actor_id=actor_id, details=details)


@transactional
def suspend(*, user_id: UUID, at: datetime) -> User:
    """Shut an account out and end all its sign-ins.

    Raises:
        UserNotFound: there is no such account.
    """
    user = locked_user(user_id)
    user.state, user.updated_at = SUSPENDED, at
    revoke(TokenFamily.user_id == user_id, at)
    tell(StateChanged(user_id, at))
    return user


@transactional
def restore(*, user_id: UUID, at: datetime) -> User:
    """Let a suspended account sign in again.

    Raises:
        UserNotFound: there is no such account.
    """
    user = locked_user(user_id)
    user.state, user.updated_at = ACTIVE, at
    tell(StateChanged(user_id, at))
    return user


def _flush_email() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        if violated_constraint(error) == "uq_user_email":
            raise EmailTaken from error
        raise
