"""Deleting what has expired: every renewal adds a refresh token, so the tables would grow for ever."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from murph.auth import queries
from murph.auth.models import RefreshToken, TokenFamily
from murph.core.db import db, transactional

KEPT_FOR = timedelta(days=1)
"""How long an expired row stays: no request that is under way, on a host whose clock is late, needs it."""
BATCH = 500


def forget_expired(*, at: datetime) -> None:
    """Delete refresh tokens, then sign-ins, that expired more than KEPT_FOR ago, in small transactions."""
    expired_before = at - KEPT_FOR
    while _forget_tokens(expired_before):
        pass
    while _forget_families(expired_before):
        pass


@transactional
def _forget_tokens(expired_before: datetime) -> int:
    found = queries.expired_tokens(expired_before, limit=BATCH)
    db.session.execute(delete(RefreshToken).where(RefreshToken.jti.in_(found)))
    return len(found)


@transactional
def _forget_families(expired_before: datetime) -> int:
    found = queries.locked_expired_families(expired_before, limit=BATCH)
    db.session.execute(delete(RefreshToken).where(RefreshToken.family_id.in_(found)))
    db.session.execute(delete(TokenFamily).where(TokenFamily.id.in_(found)))
    return len(found)
