"""Playback addresses: who may have one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from murph.core.errors import Conflict, Forbidden
from murph.course.models import FILE, PUBLISHED
from murph.course.service import VideoNotFound
from murph.delivery import queries, tokens
from murph.delivery.queries import Offer
from murph.delivery.tokens import Grant
from murph.media.models import HLS
from murph.session import queries as session

LINK_LIFETIME = timedelta(hours=12)
"""Long enough for a day's watching: the rows decide about every key, not the address."""


class NoLiveSession(Forbidden):
    """The caller does not pay for this course at the moment."""

    code = "no_live_session"
    detail = "Start a session on this course first; its videos play while it is live."


class VideoNotReady(Conflict):
    """The upload is not processed yet, or could not be."""

    code = "video_not_ready"
    detail = "This video is not processed yet, or could not be. Its teacher sees the state in the course."


@dataclass(frozen=True)
class Playback:
    """Where a video plays: outside at `external_url`, or with us under `token` and `name`."""

    type: str
    expires_at: datetime | None = None
    external_url: str | None = None
    token: str | None = None
    name: str | None = None
    captions: Sequence[tuple[str, str]] = ()
    """Language and label of each."""
    has_sprite: bool = False

    @property
    def gated(self) -> bool:
        """Tell whether the address stops working when the session ends."""
        return self.token is not None


def playback(
    *,
    course_id: UUID,
    video_id: UUID,
    user_id: UUID,
    family_id: UUID,
    secrets: Sequence[str],
    at: datetime,
) -> Playback:
    """Return where the video plays for this caller: a watcher, or its teacher as a preview.

    Raises:
        VideoNotFound: there is none, or it is not the caller's to know of.
        NoLiveSession: the caller has no live session on the course.
        VideoNotReady: it cannot be watched yet.
    """
    offer = queries.offer(video_id)
    if offer is None or offer.video.course_id != course_id:
        raise VideoNotFound
    session_id = session.live_session_on(student_id=user_id, course_id=course_id)
    if session_id is None and offer.teacher_id != user_id:
        raise NoLiveSession if offer.state == PUBLISHED else VideoNotFound
    video = offer.video
    if video.kind != FILE:
        return Playback(video.kind, external_url=video.external_url)
    if not video.is_playable:
        raise VideoNotReady
    return _gated(offer, user_id, family_id, session_id, secrets, at)


def _gated(
    offer: Offer,
    user_id: UUID,
    family_id: UUID,
    session_id: UUID | None,
    secrets: Sequence[str],
    at: datetime,
) -> Playback:
    asset = offer.video.asset
    assert asset is not None
    assert asset.revision is not None
    assert asset.mode is not None
    expires_at = (at + LINK_LIFETIME).replace(microsecond=0)
    expires_s = int(expires_at.timestamp())
    grant = Grant(offer.video.id, asset.id, asset.revision, user_id, family_id, session_id, expires_s)
    return Playback(
        asset.mode,
        expires_at,
        token=tokens.sign(grant, secrets),
        name="index.m3u8" if asset.mode == HLS else "video.mp4",
        captions=[(caption.language, caption.label) for caption in offer.video.captions],
        has_sprite=asset.sprite_key is not None,
    )
