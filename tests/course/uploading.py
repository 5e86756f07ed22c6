"""Uploads for tests, and what a worker would have made of them, without any film being touched."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from murph.core import clock
from murph.core.db import db
from murph.course.models import Video
from murph.course.service import caption_keys
from murph.gateways.storage import storage
from murph.media import service as media
from murph.media.models import HLS, Asset, Discarded
from murph.media.service import Made, MadeSegment, Work
from tests.auth.people import Person
from tests.course.builders import COURSES
from tests.support.forms import CONTENT_TYPE, part
from tests.support.forms import form as form_of

FILE = b"the bytes of a film"
LENGTH_MS = 172_000
SURELY_GONE = media.STILL_PLAYED_FOR + timedelta(minutes=1)


def videos_of(course: dict[str, Any]) -> str:
    return f"{COURSES}/{course['id']}/videos"


def shown(client: FlaskClient, course: dict[str, Any], who: Person | None = None) -> list[dict[str, Any]]:
    """Return the videos as somebody sees them, which both routes agree about."""
    headers = who.headers if who else {}
    found: list[dict[str, Any]] = client.get(videos_of(course), headers=headers).get_json()["items"]
    assert found == client.get(f"{COURSES}/{course['id']}", headers=headers).get_json()["videos"]
    return found


def delete(client: FlaskClient, teacher: Person, course: dict[str, Any], video: dict[str, Any]) -> Any:
    return client.delete(f"{videos_of(course)}/{video['id']}", headers=teacher.headers)


def upload(
    client: FlaskClient,
    teacher: Person,
    course: dict[str, Any],
    content: bytes = FILE,
    filename: str = "Compound interest.mp4",
    **form: str,
) -> Any:
    """Send a file, and return the answer."""
    return send_form(client, teacher, videos_of(course), content, filename, **form)


def send_form(
    client: FlaskClient, sender: Person, path: str, content: bytes, filename: str, **fields: str
) -> Any:
    """Send a form with a file, and return the answer.

    Not by way of the client's own `data`: one in thousands of its boundaries is longer than any may be.
    """
    parts = [*(part(name, text.encode()) for name, text in fields.items()), part("file", content, filename)]
    return client.post(path, data=form_of(*parts), content_type=CONTENT_TYPE, headers=sender.headers)


def uploaded(
    client: FlaskClient, teacher: Person, course: dict[str, Any], content: bytes = FILE, **form: str
) -> dict[str, Any]:
    """Return a video that was uploaded and waits to be processed."""
    answer = upload(client, teacher, course, content, **form)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def asset_of(video: dict[str, Any]) -> Asset:
    """Return the asset that a video is."""
    asset = db.session.get_one(Video, UUID(video["id"])).asset
    assert asset is not None
    return asset


def begin(video: dict[str, Any], *, progress_pct: int = 0) -> Work:
    """Let a worker begin with a video, and come so far."""
    work = media.claim_next(maker="tests", asset_id=asset_of(video).id, at=clock.now())
    assert work is not None
    media.report(work=work, progress_pct=progress_pct, at=clock.now())
    return work


def make_playable(video: dict[str, Any], *, length_ms: int = LENGTH_MS) -> None:
    """Let a worker have made a video, out of one segment that is stored."""
    work = begin(video)
    key = f"{media.revision_prefix(work.asset_id, work.revision)}{'0' * 64}.ts"
    storage().put(key, b"segment", content_type="video/mp2t")
    made = Made(
        mode=HLS,
        duration_ms=length_ms,
        width=640,
        height=360,
        video_codec="h264",
        audio_codec="aac",
        segments=[MadeSegment(0, 0, length_ms, key, 7)],
        sealed_key=b"s" * 64,
    )
    media.publish(work=work, made=made, at=clock.now())


def make_fail(video: dict[str, Any], *, code: str = "no_video_track") -> None:
    """Let a worker have found that a video is none."""
    media.fail(work=begin(video), code=code, detail="Upload another.", at=clock.now())


def stored_keys() -> set[str]:
    """Return the names of all objects in storage."""
    return {found.key for found in storage().list()}


def discarded() -> set[str]:
    """Return the prefixes that are to be cleared some day."""
    db.session.rollback()
    return set(db.session.scalars(select(Discarded.prefix)))


def lost_and_found() -> list[str]:
    """Return what `flask media verify` would complain of."""
    return [f"{each.key} {each.problem}" for each in media.findings(storage=storage(), others=caption_keys())]


def clear(after: timedelta = SURELY_GONE) -> int:
    """Let the job that clears storage run so much later."""
    return media.clear_due(storage=storage(), at=clock.now() + after)
