"""Forgetting who an account belongs to: the row and its id stay, as money and sessions refer to them."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from murph.auth import passwords
from murph.auth.models import ERASED_DOMAIN, ERASED_NAME, RefreshToken, TokenFamily, User
from murph.auth.passwords import PasswordCost
from murph.auth.service.accounts import WrongPassword
from murph.auth.service.users import get_user, locked_user
from murph.core import audit
from murph.core.db import db, transactional
from murph.core.errors import Conflict
from murph.core.events import tell


class AccountInUse(Conflict):
    """Something of the account is still open."""

    code = "account_in_use"
    detail = "Something of this account is still open. Finish it first, then delete the account."


@dataclass(frozen=True)
class Leaving:
    """An account is about to be erased: whoever will still pay it refuses with AccountInUse.

    Told before Erased, so that whoever then looks at its money sees what was settled meanwhile.
    """

    user_id: UUID


@dataclass(frozen=True)
class Erased:
    """An account is being erased: who keeps texts of its owner forgets them, or refuses with AccountInUse."""

    user_id: UUID
    at: datetime


def erase(*, user_id: UUID, password: str | None = None, cost: PasswordCost, at: datetime) -> None:
    """Forget who an account belongs to, at once and for ever; an owner proves it with the password.

    Numbers stay: what was paid, watched and rated. The e-mail can be registered anew.

    Raises:
        UserNotFound: there is no such account, or it was erased before.
        WrongPassword: the password is not right.
        AccountInUse: a session or a bonus is not settled, there is money, or courses are published.
    """
    verified_hash = get_user(user_id=user_id).password_hash
    if password is not None and not passwords.matches(verified_hash, password, cost):
        raise WrongPassword
    nobodys_hash = passwords.hash_password(secrets.token_urlsafe(32), cost)
    _erase(user_id, verified_hash if password is not None else None, nobodys_hash, at)


@transactional
def _erase(user_id: UUID, verified_hash: str | None, nobodys_hash: str, at: datetime) -> None:
    user = locked_user(user_id)
    if verified_hash not in (None, user.password_hash):
        raise WrongPassword  # another request changed it meanwhile
    tell(Leaving(user_id))
    tell(Erased(user_id, at))
    _forget(user, nobodys_hash, at)
    families = select(TokenFamily.id).where(TokenFamily.user_id == user_id)
    db.session.execute(delete(RefreshToken).where(RefreshToken.family_id.in_(families)))
    db.session.execute(delete(TokenFamily).where(TokenFamily.user_id == user_id))
    audit.note("user.erased", at=at, object_id=user_id, actor_id=user_id if verified_hash else None)


def _forget(user: User, nobodys_hash: str, at: datetime) -> None:
    # Unguessable, so that nobody can register it first and be in the way.
    user.email = f"{secrets.token_hex(16)}@{ERASED_DOMAIN}"
    user.password_hash, user.name, user.updated_at = nobodys_hash, ERASED_NAME, at
    user.bio = user.avatar_url = user.wallet_address = None
