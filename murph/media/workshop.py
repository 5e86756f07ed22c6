"""Makes assets: fetches an upload, looks into it, packages and encrypts it, stores what came out.

Nothing here is a transaction; the rows say who is at it and how it ended (`service.making`).
"""

import errno
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from murph.core import clock
from murph.core.db import release_connection
from murph.core.ids import new_id
from murph.core.queue import is_stopping
from murph.gateways.storage.port import ObjectMissing, Storage, StorageAway
from murph.media import ffmpeg, keys, mp4_boxes, queries, service
from murph.media.ffmpeg import NoRoom, ToolFailed, ToolTimedOut, ToolTrouble
from murph.media.keys import BrokenSeal, Masters, UnknownMasterKey
from murph.media.models import HLS, MP4
from murph.media.packaging import encrypt, hls, pictures, windows
from murph.media.probe import Probe, probe
from murph.media.service import ClaimLost, Made, MadeSegment, Work
from murph.media.unusable import Unusable, UploadMissing

log = structlog.get_logger(__name__)

REPORT_EVERY_MS = 2_000
STORED_AT_ONCE = 8
FETCHED_PCT, CODED_PCT, PICTURED_PCT = 5, 80, 85
"""How far the making is, in percent, after each of its steps; the rest is storing."""
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Stopped(Exception):
    """This process was told to stop."""


class _Progress:
    """Says how far a making is, and so that it goes on; not more often than somebody looks."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._said_ms = clock.monotonic_ms()

    def say(self, pct: int) -> None:
        """Say it, if it was not said a moment ago.

        Raises:
            _Stopped: the making is to go on elsewhere.
            ClaimLost: it goes on elsewhere already.
        """
        if is_stopping():
            raise _Stopped
        if clock.monotonic_ms() - self._said_ms >= REPORT_EVERY_MS:
            service.report(work=self._work, progress_pct=pct, at=clock.now())
            self._said_ms = clock.monotonic_ms()

    def between(self, begin_pct: int, end_pct: int) -> Callable[[int], None]:
        """Return what a step is to call with its own percentage, when it goes from one to the other."""
        return lambda pct: self.say(begin_pct + pct * (end_pct - begin_pct) // 100)


@dataclass(frozen=True)
class Workshop:
    """Where assets are made: from which storage, sealed with what, in which folder for files on the way."""

    storage: Storage
    masters: Masters
    scratch: Path

    @classmethod
    def from_config(cls, config: Mapping[str, Any], *, storage: Storage) -> "Workshop":
        """Return the workshop of this host."""
        scratch = Path(config["INSTANCE_PATH"]) / "scratch"
        scratch.mkdir(mode=0o700, exist_ok=True)
        return cls(storage, keys.from_config(config), scratch)

    def make_next(self, *, asset_id: UUID | None = None) -> UUID | None:
        """Make the asset whose turn it is, or this one; return which was tried, None when none waits."""
        self._tidy()
        work = service.claim_next(maker=str(new_id()), asset_id=asset_id, at=clock.now())
        if work is None:
            return None
        try:
            self._make_or_fail(work)
        except ClaimLost:
            log.info("media.claim_lost", asset_id=str(work.asset_id))
        return work.asset_id

    def _make_or_fail(self, work: Work) -> None:
        try:
            with self._folder(work) as folder:
                made = self._make(work, folder)
            service.publish(work=work, made=made, at=clock.now())
        except (Unusable, ToolFailed, ToolTimedOut) as error:
            log.info("media.unusable", asset_id=str(work.asset_id), code=error.code, reason=_reason(error))
            service.fail(work=work, code=error.code, detail=error.detail, at=clock.now())
        except _Stopped:
            log.info("media.given_back", asset_id=str(work.asset_id))
            service.give_back(work=work)
        except (StorageAway, ToolTrouble, OSError) as error:
            code, detail = _trouble(error)
            log.warning("media.trouble", asset_id=str(work.asset_id), code=code, reason=_reason(error))
            service.put_back(work=work, code=code, detail=detail, at=clock.now())

    def _tidy(self) -> None:
        """Remove the folders of makers that died; one that is only slow finds its claim gone as well."""
        found = list(self.scratch.iterdir())  # first: whoever has a folder by now claimed its asset before
        for folder in found:
            if folder.name not in queries.makers():
                shutil.rmtree(folder, ignore_errors=True)
        release_connection()

    @contextmanager
    def _folder(self, work: Work) -> Iterator[Path]:
        folder = self.scratch / work.maker
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _make(self, work: Work, folder: Path) -> Made:
        progress = _Progress(work)
        source = folder / "upload"
        self._fetch(work, source, progress)
        if ffmpeg.installed() is None:
            return _as_it_is(work, source)
        found = probe(source, on_second=lambda: progress.say(FETCHED_PCT))
        return _Packaging(self, work, source, found, folder, progress).make()

    def _fetch(self, work: Work, target: Path, progress: _Progress) -> None:
        fetched_bytes = 0
        ffmpeg.need_room(target.parent, size_bytes=work.size_bytes)
        try:
            with target.open("wb") as file:
                for chunk in self.storage.stream(work.upload_key):
                    fetched_bytes += file.write(chunk)
                    progress.say(FETCHED_PCT * fetched_bytes // max(work.size_bytes, fetched_bytes))
        except ObjectMissing as error:
            raise UploadMissing from error


class _Packaging:
    """The making of one asset as HLS."""

    def __init__(
        self, shop: Workshop, work: Work, source: Path, found: Probe, folder: Path, progress: _Progress
    ) -> None:
        self._shop, self._work, self._source = shop, work, source
        self._probe, self._folder, self._progress = found, folder, progress
        self._content_key = _content_key(work.sealed_key, shop.masters)

    def make(self) -> Made:
        """Cut, encrypt and store it, and return what came out."""
        coding = self._progress.between(FETCHED_PCT, CODED_PCT)
        cut = hls.package(self._source, self._probe, self._inside("segments"), coding)
        with self._storing(cut) as stored:
            drawing = self._progress.between(CODED_PCT, PICTURED_PCT)
            drawn = pictures.pictures(cut, self._probe, self._inside("pictures"), drawing)
            segments = list(self._followed(stored, len(cut)))
        scrubbing = pictures.scrubbing_map(drawn.sprite, "sprite.jpg").encode()
        return Made(
            mode=HLS,
            duration_ms=sum(segment.duration_ms for segment in cut),
            width=self._probe.width,
            height=self._probe.height,
            video_codec=self._probe.video_codec,
            audio_codec=self._probe.audio_codec,
            segments=segments,
            sealed_key=keys.seal(self._content_key, self._shop.masters),
            poster_key=self._put(drawn.poster.read_bytes(), "jpg", "image/jpeg"),
            sprite_key=self._put(drawn.sprite.path.read_bytes(), "jpg", "image/jpeg"),
            sprite_map_key=self._put(scrubbing, "vtt", "text/vtt"),
        )

    @contextmanager
    def _storing(self, cut: list[hls.Segment]) -> Iterator[Iterator[MadeSegment]]:
        """Store the segments beside what the block does, for that is waiting: for a disk or a bucket."""
        hands = ThreadPoolExecutor(STORED_AT_ONCE, "storing")
        try:
            yield hands.map(self._store, cut)
        finally:
            hands.shutdown(cancel_futures=True)

    def _followed(self, stored: Iterator[MadeSegment], count: int) -> Iterator[MadeSegment]:
        storing = self._progress.between(PICTURED_PCT, 100)
        for made in stored:
            yield made
            storing(100 * made.number // count)

    def _store(self, segment: hls.Segment) -> MadeSegment:
        window, target = windows.window_of(segment.number), segment.path.with_suffix(".encrypted")
        made = encrypt.encrypt(segment.path, target, key=self._window_key(window), number=segment.number)
        key = self._key(made.sha256, "ts")
        self._shop.storage.put(key, target, content_type="video/mp2t")
        target.unlink()
        return MadeSegment(segment.number, window, segment.duration_ms, key, made.size_bytes)

    def _window_key(self, window: int) -> bytes:
        work = self._work
        return keys.window_key(
            self._content_key, asset_id=work.asset_id, revision=work.revision, window=window
        )

    def _put(self, data: bytes, suffix: str, content_type: str) -> str:
        key = self._key(hashlib.sha256(data).hexdigest(), suffix)
        self._shop.storage.put(key, data, content_type=content_type)
        return key

    def _key(self, digest: str, suffix: str) -> str:
        return f"{service.revision_prefix(self._work.asset_id, self._work.revision)}{digest}.{suffix}"

    def _inside(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        return folder


def _as_it_is(work: Work, source: Path) -> Made:
    """Return an MP4 whose own bytes are delivered, window by window, where there is no ffmpeg."""
    found = mp4_boxes.read(source)
    return Made(
        mode=MP4,
        duration_ms=found.duration_ms,
        width=found.width,
        height=found.height,
        video_codec=found.video_codec,
        audio_codec=found.audio_codec,
        segments=[
            MadeSegment(
                each.number,
                each.number,
                each.duration_ms,
                work.upload_key,
                each.size_bytes,
                offset_bytes=each.offset_bytes,
            )
            for each in found.byte_windows
        ],
    )


def _content_key(sealed: bytes | None, masters: Masters) -> bytes:
    """Return the key that the asset has, so that an earlier revision stays open, or a new one."""
    try:
        return keys.unseal(sealed, masters) if sealed else keys.new_content_key()
    except (UnknownMasterKey, BrokenSeal):
        return keys.new_content_key()


def _trouble(error: StorageAway | ToolTrouble | OSError) -> tuple[str, str]:
    """Return the code and the sentence for trouble on our side."""
    if not isinstance(error, OSError):
        return error.code, error.detail
    if error.errno in _DISK_FULL:
        return NoRoom.code, NoRoom.detail
    return service.GAVE_UP, service.GAVE_UP_DETAIL


def _reason(error: Exception) -> str:
    return getattr(error, "reason", "") or str(error)
