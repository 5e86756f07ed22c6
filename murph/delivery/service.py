"""Playback addresses: who may have one, and what it still opens when it is used.

An address carries a signed grant: for which video, through whose sign-in, on which session, and
until when. What counts when it is used is the rows those ids name, read each time.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from murph.auth import queries as auth
from murph.core.errors import Forbidden, NotFound
from murph.course.models import FILE, PUBLISHED, Video
from murph.course.service import VideoNotFound
from murph.delivery import queries
from murph.session import queries as session

LINK_LIFETIME = timedelta(minutes=10)


class NoLiveSession(Forbidden):
    """The caller does not pay for this course at the moment."""

    code = "no_live_session"
    detail = "Start a session on this course first; its videos play while it is live."


class LinkExpired(Forbidden):
    """The address was good, and is too old now."""

    code = "link_expired"
    detail = "This playback address has expired. Ask for a new one."


class SessionEnded(Forbidden):
    """What the address was given out for is over."""

    code = "session_ended"
    detail = "The session of this playback address has ended, or its owner signed out. Start a new one."


class LinkUnknown(NotFound):
    """The address is not one of ours."""

    code = "link_unknown"
    detail = "There is no video at this address. Ask for a new playback address."


@dataclass(frozen=True)
class Playback:
    """Where a video plays: outside at `external_url`, or with us under `token` and `name`."""

    type: str
    expires_at: datetime | None
    external_url: str | None
    token: str | None
    name: str | None

    @property
    def gated(self) -> bool:
        """Tell whether the address stops working when the session ends."""
        return self.token is not None


@dataclass(frozen=True)
class MediaFile:
    """A file to be sent: its key in our storage and what it is."""

    storage_key: str
    content_type: str


@dataclass(frozen=True)
class _Grant:
    """What an address stands for; without a session it is the teacher's preview."""

    video_id: UUID
    family_id: UUID
    session_id: UUID | None
    expires_at: int


def playback(
    *, course_id: UUID, video_id: UUID, user_id: UUID, family_id: UUID, secret: str, at: datetime
) -> Playback:
    """Return where the video plays for this caller: a watcher, or its teacher as a preview.

    Raises:
        VideoNotFound: there is none, or it is not the caller's to know of.
        NoLiveSession: the caller has no live session on the course.
    """
    offer = queries.offer(video_id)
    if offer is None or offer.video.course_id != course_id:
        raise VideoNotFound
    session_id = session.live_session_on(student_id=user_id, course_id=course_id)
    if session_id is None and offer.teacher_id != user_id:
        raise NoLiveSession if offer.state == PUBLISHED else VideoNotFound
    video = offer.video
    if video.kind != FILE:
        return Playback(video.type, None, video.external_url, None, None)
    expires_at = (at + LINK_LIFETIME).replace(microsecond=0)
    grant = _Grant(video_id, family_id, session_id, int(expires_at.timestamp()))
    return Playback(video.type, expires_at, None, _sign(grant, secret), _name(video))


def open_link(*, token: str, name: str, secret: str, at: datetime) -> MediaFile:
    """Return the file behind a playback address, if it may still be had.

    Raises:
        LinkUnknown: the address is not one we gave out, or its video is gone.
        LinkExpired: it is too old.
        SessionEnded: the session is over, or the sign-in was ended.
    """
    grant = _read(token, secret)
    if at.timestamp() >= grant.expires_at:
        raise LinkExpired
    offer = queries.offer(grant.video_id)
    if offer is None or offer.video.storage_key is None or name != _name(offer.video):
        raise LinkUnknown
    if not auth.live_families([grant.family_id]):
        raise SessionEnded
    if grant.session_id is not None and not session.is_live(grant.session_id):
        raise SessionEnded
    return MediaFile(offer.video.storage_key, offer.video.content_type or "application/octet-stream")


def _name(video: Video) -> str:
    return "video" + PurePosixPath(video.storage_key or "").suffix


def _sign(grant: _Grant, secret: str) -> str:
    ids = (grant.video_id, grant.family_id, grant.session_id)
    return str(_serializer(secret).dumps([*(id and id.hex for id in ids), grant.expires_at]))


def _read(token: str, secret: str) -> _Grant:
    try:
        *ids, expires_at = _serializer(secret).loads(token)
    except BadData as error:
        raise LinkUnknown from error
    video_id, family_id, session_id = (id and UUID(hex=id) for id in ids)
    return _Grant(video_id, family_id, session_id, expires_at)


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret, salt="playback", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )
