"""Who makes an asset at the moment, how far it is, and how it ended.

A maker claims an asset for a while and says again and again that it is still at it. One that died is
followed by another after CLAIM; one that was only slow finds its claim gone and stops.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert

from murph.core.db import db, transactional
from murph.media import queries
from murph.media.models import FAILED, PROCESSING, READY, UPLOADED, Asset, Segment
from murph.media.service import objects
from murph.media.service.assets import STILL_PLAYED_FOR, revision_prefix

CLAIM = timedelta(minutes=2)
MAX_SETBACKS = 5
AFTER_SETBACK = timedelta(seconds=30)
"""How long to wait after the first one, and four times as long after each further: 42 minutes in all."""

GAVE_UP = "processing_failed"
GAVE_UP_DETAIL = "The video could not be processed on our side. Try again later."


class ClaimLost(Exception):
    """Somebody else makes the asset by now, or it is gone: stop."""


@dataclass(frozen=True)
class Work:
    """An asset to make, as its maker needs to know it; `revision` is what it becomes."""

    asset_id: UUID
    revision: int
    maker: str
    upload_key: str
    size_bytes: int
    sealed_key: bytes | None
    """The content key of earlier revisions; those made from it are told apart by the revision's number."""


@dataclass(frozen=True)
class MadeSegment:
    """A segment that lies in storage; `duration_ms` of playing, in the window of that number."""

    number: int
    window: int
    duration_ms: int
    object_key: str
    size_bytes: int
    offset_bytes: int = 0


@dataclass(frozen=True)
class Made:
    """What was made of an upload; all of it lies in storage."""

    mode: str
    duration_ms: int
    width: int
    height: int
    video_codec: str
    audio_codec: str | None
    segments: Sequence[MadeSegment]
    sealed_key: bytes | None = None
    poster_key: str | None = None
    sprite_key: str | None = None
    sprite_map_key: str | None = None


@transactional
def claim_next(*, maker: str, asset_id: UUID | None = None, at: datetime) -> Work | None:
    """Take an asset that waits, or was left by a maker that died; None when there is none.

    Owners take turns, so that nobody's waits for all that somebody else sent before; of one owner's
    assets that which waits longest is taken. With `asset_id` that one only.
    """
    asset = _next_worth_making(asset_id=asset_id, at=at)
    if asset is None:
        return None
    asset.state, asset.claimed_by = PROCESSING, maker
    asset.claimed_at, asset.claimed_until = at, at + CLAIM
    asset.attempt += 1
    asset.progress_pct = 0
    asset.updated_at = at
    objects.reserve(prefix=revision_prefix(asset.id, asset.attempt), at=at)
    return Work(asset.id, asset.attempt, maker, asset.upload_key, asset.size_bytes, asset.sealed_key)


@transactional
def report(*, work: Work, progress_pct: int, at: datetime) -> None:
    """Say how far the making is, and that it goes on.

    Raises:
        ClaimLost: it must not.
    """
    asset = _claimed(work)
    asset.progress_pct, asset.claimed_until, asset.updated_at = progress_pct, at + CLAIM, at
    objects.renew(prefix=revision_prefix(asset.id, work.revision), at=at)


@transactional
def publish(*, work: Work, made: Made, at: datetime) -> None:
    """Let what was made play from now on; who is at an earlier revision can watch that for a while.

    Raises:
        ClaimLost: somebody else makes the asset.
    """
    asset = _claimed(work)
    replaced = asset.revision
    for name in ("mode", "duration_ms", "width", "height", "video_codec", "audio_codec"):
        setattr(asset, name, getattr(made, name))
    asset.sealed_key = made.sealed_key or asset.sealed_key  # the revision before is still opened by it
    for name in ("poster_key", "sprite_key", "sprite_map_key"):
        setattr(asset, name, getattr(made, name))
    asset.revision, asset.progress_pct, asset.setbacks = work.revision, 100, 0
    _end(asset, READY, at=at)
    still_played = work.revision if replaced is None else replaced
    older = (Segment.asset_id == asset.id) & (Segment.revision < still_played)
    db.session.execute(delete(Segment).where(older))
    rows = [{"asset_id": asset.id, "revision": work.revision, **vars(each)} for each in made.segments]
    db.session.execute(insert(Segment), rows)
    objects.put_to_use(prefix=revision_prefix(asset.id, work.revision))
    if replaced is not None:
        objects.discard(prefix=revision_prefix(asset.id, replaced), due_at=at + STILL_PLAYED_FOR)


@transactional
def fail(*, work: Work, code: str, detail: str, at: datetime) -> None:
    """Note why nothing can be made of the upload; it is kept, to be tried again.

    Raises:
        ClaimLost: somebody else makes the asset.
    """
    _fail(_claimed(work), code=code, detail=detail, at=at)


@transactional
def put_back(*, work: Work, code: str, detail: str, at: datetime) -> None:
    """Let it be tried again: what went wrong has to do with us and not with the upload.

    After MAX_SETBACKS it has failed, and `code` and `detail` say what was wrong.

    Raises:
        ClaimLost: somebody else makes the asset.
    """
    asset = _claimed(work)
    if asset.setbacks + 1 >= MAX_SETBACKS:
        _fail(asset, code=code, detail=detail, at=at)
    else:
        # Still claimed, so that nobody tries at once what has only just failed; who tries next counts it.
        asset.claimed_until = at + AFTER_SETBACK * 4**asset.setbacks


@transactional
def give_back(*, work: Work) -> None:
    """Let another maker begin anew at once: this one has to leave, and nothing went wrong.

    Raises:
        ClaimLost: somebody else makes the asset.
    """
    asset = _claimed(work)
    asset.state, asset.progress_pct, asset.claimed_by, asset.claimed_until = UPLOADED, 0, None, None


def _next_worth_making(*, asset_id: UUID | None, at: datetime) -> Asset | None:
    """Return the next asset; those that one maker after the other has died of fail on the way."""
    while (asset := queries.next_asset_to_make(at=at, asset_id=asset_id)) is not None:
        if asset.state == UPLOADED:
            return asset
        asset.setbacks += 1
        if asset.setbacks < MAX_SETBACKS:
            return asset
        _fail(asset, code=GAVE_UP, detail=GAVE_UP_DETAIL, at=at)
    return None


def _fail(asset: Asset, *, code: str, detail: str, at: datetime) -> None:
    asset.failure_code, asset.failure_detail = code, detail[:300]
    _end(asset, FAILED, at=at)


def _end(asset: Asset, state: str, *, at: datetime) -> None:
    asset.state, asset.claimed_by, asset.claimed_until, asset.updated_at = state, None, None, at


def _claimed(work: Work) -> Asset:
    asset = queries.locked_asset(work.asset_id)
    if asset is None or asset.claimed_by != work.maker or asset.attempt != work.revision:
        raise ClaimLost
    return asset
