"""The rule that releases a window: a live, funded session, and not too far ahead of the meter.

A student may have been given at most EXPOSURE_MS of a video more than twice the time credited to them on
it: twice, as that is the fastest speed. Both sums run over all sessions of the student, and the first
never falls; otherwise seek-and-wait, or start-take-end, would be free video for ever.
"""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table

from murph.auth import queries as auth
from murph.core.db import insert_if_absent, transactional
from murph.core.errors import Forbidden, MurphError
from murph.delivery import queries
from murph.delivery.manifests import Window
from murph.delivery.models import Allowance, DeliveredWindow
from murph.delivery.tokens import Grant
from murph.session import queries as session

EXPOSURE_MS = 24_000
FASTEST = 2


class LinkExpired(Forbidden):
    """The address was good, and is too old now."""

    code = "link_expired"
    detail = "This playback address has expired. Ask for a new one."


class SessionEnded(Forbidden):
    """What the address was given out for is over."""

    code = "session_ended"
    detail = "The session of this playback address has ended, or its owner signed out. Start a new one."


class FundsExhausted(MurphError):
    """The session's lock is used up."""

    status = 402
    code = "funds_exhausted"
    detail = "The money set aside for this session is used up. Extend it, or start a new one, to go on."


class AheadOfMeter(Forbidden):
    """More was asked for than the time watched so far allows."""

    code = "ahead_of_meter"
    detail = "This part is further ahead than the time watched so far allows. Go on watching and ask again."


def require_fresh(grant: Grant, *, at: datetime) -> None:
    """See that an address is not too old.

    Raises:
        LinkExpired: it is.
    """
    if at.timestamp() >= grant.expires_at:
        raise LinkExpired


def require_grant(grant: Grant, *, at: datetime) -> None:
    """See that an address may still be used at all.

    Raises:
        LinkExpired: it is too old.
        SessionEnded: the session is over, or the sign-in was ended.
        FundsExhausted: the session's money is used up.
    """
    require_fresh(grant, at=at)
    if grant.session_id is None:
        if not auth.live_families([grant.family_id]):
            raise SessionEnded
        return
    found = queries.standing(
        session_id=grant.session_id, user_id=grant.user_id, family_id=grant.family_id, at=at
    )
    if not found.is_signed_in:
        raise SessionEnded
    if not found.is_funded:
        raise FundsExhausted  # also when it has ended for that, which a player must not mistake for a pause
    if not found.is_live:
        raise SessionEnded


def release(grant: Grant, window: Window, *, at: datetime) -> None:
    """Give a window out and record it; one that was given out before is free to ask for again.

    Raises:
        LinkExpired, SessionEnded, FundsExhausted: as in `require_grant`.
        AheadOfMeter: more was delivered already than the credited time allows.
    """
    require_grant(grant, at=at)
    if grant.session_id is None:
        return  # the teacher's own preview
    which = {"revision": grant.revision, "window": window.number}
    given = queries.sessions_given(student_id=grant.user_id, video_id=grant.video_id, **which)
    if grant.session_id not in given:
        _give(grant, window, session_id=grant.session_id, at=at)


def headroom_ms(grant: Grant) -> int:
    """Return how much more could be given out at the moment."""
    who = {"student_id": grant.user_id, "video_id": grant.video_id}
    return EXPOSURE_MS + FASTEST * session.credited_ms(**who) - queries.delivered_ms(**who)


@transactional
def _give(grant: Grant, window: Window, *, session_id: UUID, at: datetime) -> None:
    who = {"student_id": grant.user_id, "video_id": grant.video_id}
    insert_if_absent(cast(Table, Allowance.__table__), [{**who, "delivered_ms": 0}])
    allowance, credited_ms, was_given = queries.locked_allowance(
        **who, revision=grant.revision, window=window.number
    )
    if not was_given:
        delivered_ms = allowance.delivered_ms + window.duration_ms
        if delivered_ms > EXPOSURE_MS + FASTEST * credited_ms:
            raise AheadOfMeter
        allowance.delivered_ms = delivered_ms
    row = {
        "session_id": session_id,
        "revision": grant.revision,
        "window_number": window.number,
        "begin_ms": window.begin_ms,
        "end_ms": window.end_ms,
        "is_first": not was_given,
        "delivered_at": at,
        **who,
    }
    insert_if_absent(cast(Table, DeliveredWindow.__table__), [row])
