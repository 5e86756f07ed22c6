"""Finding accounts."""

import unicodedata
from uuid import UUID

from sqlalchemy import select

from murph.auth import queries
from murph.auth.models import User
from murph.core.db import db
from murph.core.errors import NotFound


class UserNotFound(NotFound):
    """There is no such account."""

    code = "user_not_found"
    detail = "There is no such account. Check the id."


def normalise_email(email: str) -> str:
    """Return the one spelling under which an e-mail is stored, compared and limited."""
    return unicodedata.normalize("NFC", email.strip().casefold())


def get_user(*, user_id: UUID) -> User:
    """Return an account.

    Raises:
        UserNotFound: there is none with this id.
    """
    user = queries.user(user_id)
    if user is None:
        raise UserNotFound
    return user


def find_user(*, email: str) -> User:
    """Return the account with this e-mail, however it is spelt.

    Raises:
        UserNotFound: there is none.
    """
    user = queries.user_by_email(normalise_email(email))
    if user is None:
        raise UserNotFound("There is no account with this e-mail. Check its spelling.")
    return user


def list_users(*, user_type: str | None = None, state: str | None = None, limit: int) -> list[User]:
    """Return at most `limit` accounts, the newest first."""
    return queries.users(user_type=user_type, state=state, limit=limit)


def locked_user(user_id: UUID) -> User:
    """Return an account whose row stays locked until the transaction ends.

    Raises:
        UserNotFound: there is none with this id.
    """
    query = select(User).where(User.id == user_id).with_for_update()
    user = db.session.scalar(query.execution_options(populate_existing=True))
    if user is None:
        raise UserNotFound
    return user
