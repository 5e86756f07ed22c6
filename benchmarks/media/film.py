"""What is watched while delivery is measured: a film that was uploaded and packaged, and its watchers."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from Crypto.Cipher import AES
from Crypto.Util.Padding import unpad
from sqlalchemy import update

from benchmarks.people import LOCK_MINOR, PRICE_MINOR, pay_in, sign_up
from benchmarks.place import Place
from murph.auth import tokens as sign_ins
from murph.auth.models import STUDENT, TEACHER
from murph.auth.service import Grant
from murph.core import clock
from murph.core.db import db, transactional
from murph.core.ids import new_id
from murph.course import service as course
from murph.course.models import Video
from murph.delivery import service as delivery
from murph.delivery.manifests import Manifest, manifest
from murph.delivery.routes.secrets import secrets
from murph.gateways.storage import storage
from murph.media import keys
from murph.media.models import Asset
from murph.media.service import StoredUpload
from murph.media.workshop import Workshop
from murph.session import service as sessions
from murph.session.models import SessionMeter
from murph.session.rules import Rules

CREDITED_MS = 1_800_000
"""Long enough that the meter allows every window of the films that are measured with."""


@dataclass(frozen=True)
class Film:
    """A published course and its only video, which is packaged."""

    place: Place
    course_id: UUID
    video_id: UUID
    asset_id: UUID
    teacher: Grant

    @property
    def address(self) -> str:
        """Return where its playback address is asked for."""
        return f"/api/v1/courses/{self.course_id}/videos/{self.video_id}/url"

    def manifest(self) -> Manifest:
        """Return its segments."""
        with self.place.app.app_context():
            asset = db.session.get_one(Asset, self.asset_id)
            assert asset.revision is not None
            return manifest(asset.id, asset.revision)


@dataclass(frozen=True)
class Watcher:
    """A student with a live session, the token of the sign-in, and where the film plays for it."""

    session_id: UUID
    token: str
    media: str


def add_film(place: Place, source: Path) -> Film:
    """Add a course that consists of this file, packaged."""
    with place.app.app_context():
        teacher = _teacher()
        course_id, video, asset = _uploaded(place, teacher.user.id, source)
        workshop(place).make_next(asset_id=asset.id)
        db.session.refresh(asset)
        if asset.state != "ready":
            raise SystemExit(f"{source} was not packaged: {asset.state}, {asset.failure_detail}")
        course.publish(course_id=course_id, teacher_id=teacher.user.id, at=clock.now())
        return Film(place, course_id, video.id, asset.id, teacher)


def workshop(place: Place) -> Workshop:
    """Return the workshop of a place, whose application's context is open."""
    return Workshop.from_config(place.app.config, storage=storage())


@transactional
def _teacher() -> Grant:
    return sign_up(f"teacher-{new_id()}", TEACHER)


def _uploaded(place: Place, teacher_id: UUID, source: Path) -> tuple[UUID, Video, Asset]:
    at = clock.now()
    made = course.create(
        teacher_id=teacher_id,
        currency=place.app.config["CURRENCY"],
        title="A film to measure with",
        description="It is cut into segments.",
        category="Mathematics",
        price_per_minute_minor=PRICE_MINOR,
        at=at,
    )
    content = source.read_bytes()
    upload = StoredUpload(new_id(), sha256(content).hexdigest(), len(content), source.name)
    storage().put(upload.key, source, content_type="application/octet-stream")
    video = course.add_uploaded_video(
        course_id=made.id, teacher_id=teacher_id, title="A film", upload=upload, at=at
    )
    assert video.asset is not None
    return made.id, video, video.asset


def watchers(film: Film, count: int) -> list[Watcher]:
    """Let so many students watch the film, each credited with more time than it lasts."""
    with film.place.app.app_context():
        seats = _seats(film, count)
        return [
            Watcher(session_id, sign_ins.issue(grant)["access_token"], _media(film, grant))
            for grant, session_id in seats
        ]


@transactional
def _seats(film: Film, count: int) -> list[tuple[Grant, UUID]]:
    rules = Rules.from_config(film.place.app.config)
    seats = []
    for _ in range(count):
        grant = sign_up(str(new_id()), STUDENT)
        pay_in(grant.user.id, LOCK_MINOR, currency=rules.currency)
        started = sessions.start(
            student_id=grant.user.id,
            course_id=film.course_id,
            locked_minor=LOCK_MINOR,
            rules=rules,
            at=clock.now(),
        )
        seats.append((grant, started.id))
    watched = update(SessionMeter).where(SessionMeter.session_id.in_([id for _, id in seats]))
    db.session.execute(watched.values(used_ms=CREDITED_MS, wall_ms=CREDITED_MS, video_id=str(film.video_id)))
    return seats


def _media(film: Film, grant: Grant) -> str:
    found = delivery.playback(
        course_id=film.course_id,
        video_id=film.video_id,
        user_id=grant.user.id,
        family_id=grant.family_id,
        secrets=secrets(),
        at=clock.now(),
    )
    return f"/media/{found.token}"


def lay_bare(film: Film) -> Sequence[str]:
    """Put the stored segments where the bare server finds them, and the first one not encrypted.

    Return their addresses; that of the plain one is ``/plain.ts``.
    """
    folder = film.place.folder / "bare"
    folder.mkdir(exist_ok=True)
    pieces = film.manifest().pieces
    with film.place.app.app_context():
        for number, piece in enumerate(pieces):
            (folder / f"{number}.ts").write_bytes(storage().read(piece.object_key))
        asset = db.session.get_one(Asset, film.asset_id)
        assert asset.sealed_key is not None
        assert asset.revision is not None
        content_key = keys.unseal(asset.sealed_key, keys.from_config(film.place.app.config))
        key = keys.window_key(content_key, asset_id=asset.id, revision=asset.revision, window=0)
    (folder / "plain.ts").write_bytes(decrypted((folder / "0.ts").read_bytes(), key, number=0))
    return [f"/{number}.ts" for number in range(len(pieces))]


def decrypted(data: bytes, key: bytes, *, number: int) -> bytes:
    """Return what is in a segment, as a player would."""
    cipher = AES.new(key, AES.MODE_CBC, iv=number.to_bytes(AES.block_size, "big"))
    plain: bytes = unpad(cipher.decrypt(data), AES.block_size)
    return plain
