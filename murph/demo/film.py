"""The demo's own film: uploaded, processed and captioned like everybody's."""

import time
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from murph.core import clock
from murph.core.db import db, release_connection
from murph.core.errors import Unavailable
from murph.core.ids import new_id
from murph.course import service as course
from murph.course.models import Video
from murph.gateways.storage import storage
from murph.media import captions, ffmpeg
from murph.media import queries as assets
from murph.media import service as media
from murph.media.models import FAILED, MP4, READY, Asset
from murph.media.service import StoredUpload
from murph.media.workshop import Workshop

WORLD = Path(__file__).parent / "world"
FILENAME = "compound-interest.mp4"
MADE_WITHIN_MS, LOOK_EVERY_S = 120_000, 0.5


class FilmNotMade(Unavailable):
    """The film of the demo was not processed."""

    code = "film_not_made"
    detail = (
        "The demo's film could not be processed. `flask media list` says why, `flask doctor` what is missing."
    )


def upload(config: Mapping[str, Any], *, owner_id: UUID, at: datetime) -> StoredUpload:
    """Upload the film for a teacher and have it processed; an earlier upload of theirs stays the one.

    Raises:
        StorageAway: it cannot be stored.
        FilmNotMade: it cannot be processed here.
    """
    path = WORLD / "lecture.mp4"
    digest = sha256(path.read_bytes()).hexdigest()
    uploaded = StoredUpload(new_id(), digest, path.stat().st_size, FILENAME)
    media.reserve(prefix=media.prefix(uploaded.asset_id), at=at)
    storage().put(uploaded.key, path, content_type="video/mp4")
    asset = media.register(owner_id=owner_id, upload=uploaded, at=at)
    _await_film(Workshop.from_config(config, storage=storage()), asset.id)
    return uploaded


def package_anew(*, owner_id: UUID, at: datetime) -> bool:
    """Have a worker package the film if it was made before ffmpeg was here; it plays on meanwhile."""
    if ffmpeg.installed() is None:
        return False
    whole = (Asset.owner_id == owner_id) & (Asset.filename == FILENAME)
    found = db.session.scalar(select(Asset.id).where(whole, Asset.state == READY, Asset.mode == MP4))
    if found is not None:
        media.process_again(asset_id=found, at=at)
    return found is not None


def _await_film(workshop: Workshop, asset_id: UUID) -> None:
    """Make the film, or wait for the worker that does so."""
    until_ms = clock.monotonic_ms() + MADE_WITHIN_MS
    while clock.monotonic_ms() < until_ms:
        workshop.make_next(asset_id=asset_id)
        asset = assets.asset(asset_id)
        if asset is not None and asset.is_playable:
            return
        if asset is None or asset.state == FAILED:
            break
        release_connection()
        time.sleep(LOOK_EVERY_S)
    raise FilmNotMade


def caption(video: Video, *, teacher_id: UUID, at: datetime) -> None:
    """Give the film its English captions.

    Raises:
        StorageAway: they cannot be stored.
    """
    caption_id = new_id()
    key = course.caption_key(caption_id)
    media.reserve(prefix=key, at=at)
    text = captions.write(captions.read((WORLD / "lecture.en.vtt").read_bytes()))
    storage().put(key, text, content_type="text/vtt")
    course.set_captions(
        course_id=video.course_id,
        video_id=video.id,
        teacher_id=teacher_id,
        caption_id=caption_id,
        language="en",
        label="English",
        at=at,
    )
