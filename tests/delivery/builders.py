"""Videos of ours for tests, made without ffmpeg, and students who were credited with watching them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask, current_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from murph.core import clock
from murph.core.db import db
from murph.core.ids import new_id
from murph.course import service as course_service
from murph.gateways.storage import storage
from murph.media import keys, service
from murph.media.models import HLS, MP4
from murph.media.service import Made, MadeSegment, StoredUpload, Work
from murph.session.models import SessionMeter
from tests.auth.people import Person
from tests.course.builders import COURSES, create_course, publish
from tests.session.builders import SESSIONS

HOST = "http://127.0.0.1:8000"
SEGMENT_MS, PER_WINDOW = 4_000, 3
WINDOW_MS = SEGMENT_MS * PER_WINDOW

INDEX = b"index " * 20
"""What stands for the index of an MP4 in front of its windows, and is free."""
BYTES_PER_WINDOW, BYTE_WINDOW_MS = 50, 6_000
TAIL = b"tail"


def mp4_of(windows: int) -> bytes:
    """Return what stands for an MP4: an index, so many windows, and something behind them."""
    return INDEX + b"".join(bytes([65 + n]) * BYTES_PER_WINDOW for n in range(windows)) + TAIL


def window_at(number: int) -> int:
    """Return where a window of `mp4_of` begins."""
    return len(INDEX) + number * BYTES_PER_WINDOW


@dataclass(frozen=True)
class Film:
    """A video of ours in a published course."""

    course: dict[str, Any]
    video_id: UUID
    asset_id: UUID


def film(client: FlaskClient, teacher: Person, *, windows: int = 10, mode: str = HLS, **more: Any) -> Film:
    """Return a published course whose only video is of ours, in windows of 12 s, or 6 s of an MP4."""
    draft = create_course(client, teacher, **more)
    made = add_film(draft, teacher.id, windows=windows, mode=mode)
    return Film(publish(client, teacher, draft), made.video_id, made.asset_id)


def add_film(course: dict[str, Any], teacher_id: UUID, *, windows: int = 10, mode: str = HLS) -> Film:
    """Add a video to a course as an upload does, and publish what a worker would have made of it."""
    content = mp4_of(windows) if mode == MP4 else new_id().bytes
    upload = StoredUpload(new_id(), hashlib.sha256(content).hexdigest(), len(content), "film.mp4")
    service.reserve(prefix=service.prefix(upload.asset_id), at=clock.now())
    storage().put(upload.key, content, content_type="video/mp4")
    video = course_service.add_uploaded_video(
        course_id=UUID(course["id"]), teacher_id=teacher_id, title="A film", upload=upload, at=clock.now()
    )
    assert video.asset_id is not None
    made = Film(course, video.id, video.asset_id)
    make(made.asset_id, windows=windows, mode=mode)
    return made


def make(asset_id: UUID, *, windows: int = 10, mode: str = HLS) -> int:
    """Publish a revision of an asset that waits for it, and return its number."""
    work = service.claim_next(maker="test", asset_id=asset_id, at=clock.now())
    assert work is not None
    masters = keys.from_config(current_app.config)
    made = Made(
        mode=mode,
        duration_ms=windows * (WINDOW_MS if mode == HLS else BYTE_WINDOW_MS),
        width=640,
        height=360,
        video_codec="h264",
        audio_codec="aac",
        segments=_stored_segments(work, windows) if mode == HLS else _byte_windows(work, windows),
        sealed_key=keys.seal(content_key(asset_id), masters) if mode == HLS else None,
    )
    service.publish(work=work, made=made, at=clock.now())
    return work.revision


def content_key(asset_id: UUID) -> bytes:
    """Return the key of everything that `make` makes of an asset."""
    return hashlib.sha256(asset_id.bytes).digest()


def window_key(made: Film, window: int, *, revision: int = 1) -> bytes:
    """Return the key that a window has to be delivered with."""
    return keys.window_key(
        content_key(made.asset_id), asset_id=made.asset_id, revision=revision, window=window
    )


def _stored_segments(work: Work, windows: int) -> Sequence[MadeSegment]:
    return [_stored_segment(work, number) for number in range(windows * PER_WINDOW)]


def _stored_segment(work: Work, number: int) -> MadeSegment:
    content = segment(number)
    digest = hashlib.sha256(content).hexdigest()
    key = f"{service.revision_prefix(work.asset_id, work.revision)}{digest}.ts"
    storage().put(key, content, content_type="video/mp2t")
    return MadeSegment(number, number // PER_WINDOW, SEGMENT_MS, key, len(content))


def segment(number: int) -> bytes:
    """Return what stands for an encrypted segment."""
    return f"segment {number} ".encode() * 3


def _byte_windows(work: Work, windows: int) -> Sequence[MadeSegment]:
    return [
        MadeSegment(n, n, BYTE_WINDOW_MS, work.upload_key, BYTES_PER_WINDOW, offset_bytes=window_at(n))
        for n in range(windows)
    ]


def ask(client: FlaskClient, course: dict[str, Any], who: Person, video: int = 0) -> TestResponse:
    """Ask for where a video plays."""
    video_id = course["videos"][video]["id"]
    return client.get(f"{COURSES}/{course['id']}/videos/{video_id}/url", headers=who.headers)


def place(client: FlaskClient, course: dict[str, Any], who: Person, video: int = 0) -> str:
    """Return the path below which everything of a video is."""
    answer = ask(client, course, who, video)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["url"]).removeprefix(HOST).rpartition("/")[0]


def credit(client: FlaskClient, student: Person, session: dict[str, Any], video_id: UUID, ms: int) -> None:
    """Give a live session's student this much more time on a video, in whole seconds, as a player does."""
    used_ms = _silent_for(session, 0)
    assert ms % 1000 == used_ms % 1000 == 0
    while ms > 0:
        step_ms = min(ms, 20_000)
        used_ms = _silent_for(session, step_ms + 500) + step_ms
        body = {"duration_seconds": used_ms // 1000, "video_id": str(video_id)}
        answer = client.patch(f"{SESSIONS}/{session['id']}/metrics", json=body, headers=student.headers)
        assert answer.status_code == 200, answer.text
        ms -= step_ms


def _silent_for(session: dict[str, Any], ms: int) -> int:
    """Let the session's last tick be so long ago, and return what it was credited with."""
    meter = db.session.get_one(SessionMeter, UUID(session["id"]), populate_existing=True)
    meter.last_at -= timedelta(milliseconds=ms)
    used_ms = meter.used_ms
    db.session.commit()
    return used_ms


def sign_with(app: Flask, secret: str, previous: str = "") -> None:
    """Change what playback addresses are signed with."""
    app.config["SECRET_KEY"], app.config["SECRET_KEY_PREVIOUS"] = secret, previous
