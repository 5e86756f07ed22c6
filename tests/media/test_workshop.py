"""The making itself, with the real ffmpeg: what it leaves when it dies, is ended, or cannot go on."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.ids import new_id
from murph.gateways.storage import StorageAway, storage
from murph.media import keys, queries, service, workshop
from murph.media import probe as probing
from murph.media.models import FAILED, HLS, MP4, PROCESSING, READY
from murph.media.service.making import CLAIM
from murph.media.workshop import Workshop
from tests.auth.people import sign_up
from tests.media.uploads import MORNING, seen, uploaded
from tests.support.clips import H264, Clips, picture
from tests.support.dying import dies_at

MP4_ALONE = ("fragmented", "not_a_video", "unsupported_codec")


class Ahead(clock.SystemClock):
    """The real clock, with hours skipped."""

    ahead = timedelta()

    def now(self) -> datetime:
        return MORNING + self.ahead


@pytest.fixture
def time_passes() -> Iterator[Ahead]:
    ahead = Ahead()
    previous = clock.use(ahead)
    yield ahead
    clock.use(previous)


@pytest.fixture
def owner_id(client: FlaskClient) -> UUID:
    return sign_up(client, "tess@example.org", "teacher").id


@pytest.fixture
def shop(app: Flask) -> Workshop:
    return Workshop.from_config(app.config, storage=storage())


def is_tidy(shop: Workshop) -> bool:
    """Tell whether nothing is left on the way, and rows and objects agree."""
    found = list(service.findings(storage=storage(), others=()))
    assert not found, found
    return not list(shop.scratch.iterdir())


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
@pytest.mark.parametrize("verb", ["claim_next", "publish"])
def test_whoever_dies_is_followed_by_another_who_finishes_and_tidies_up(
    shop: Workshop, owner_id: UUID, clips: Clips, time_passes: Ahead, verb: str, point: str
) -> None:
    asset_id = uploaded(owner_id, clips.lesson()).id
    assert dies_at(f"media.{verb}:{point}", shop.make_next)
    assert is_tidy(shop) or verb == "publish"
    assert seen(asset_id).is_playable == ((verb, point) == ("publish", "after_commit"))
    time_passes.ahead = CLAIM
    while shop.make_next():
        pass
    assert seen(asset_id).state == READY
    assert is_tidy(shop)


def test_what_a_maker_left_goes_before_the_next_begins(shop: Workshop, owner_id: UUID) -> None:
    left = shop.scratch / str(new_id())
    (left / "segments").mkdir(parents=True)
    (left / "segments" / "00000.ts").write_bytes(b"x")
    uploaded(owner_id, b"claimed")
    work = service.claim_next(maker="somebody", at=clock.now())
    assert work is not None
    (shop.scratch / work.maker).mkdir()
    shop.make_next()
    assert [path.name for path in shop.scratch.iterdir()] == ["somebody"]


def test_a_maker_whose_claim_is_gone_stops_and_publishes_nothing(
    shop: Workshop, owner_id: UUID, clips: Clips, time_passes: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = uploaded(owner_id, clips.lesson()).id

    class SlowStorage:
        """Takes two minutes to answer, in which another maker does it all."""

        def stream(self, key: str) -> Iterator[bytes]:
            time_passes.ahead = CLAIM
            assert shop.make_next() == asset_id
            return shop.storage.stream(key)

        def __getattr__(self, name: str) -> object:
            return getattr(shop.storage, name)

    slow = Workshop(SlowStorage(), shop.masters, shop.scratch)  # type: ignore[arg-type]
    assert slow.make_next() == asset_id
    assert (seen(asset_id).state, seen(asset_id).revision) == (READY, 2)
    assert queries.segments(asset_id, 1) == []
    assert is_tidy(shop)


def test_the_key_of_an_earlier_revision_stays_so_that_it_plays_on(
    shop: Workshop, owner_id: UUID, clips: Clips
) -> None:
    asset_id = uploaded(owner_id, clips.lesson()).id
    shop.make_next()
    before = seen(asset_id).sealed_key
    service.process_again(asset_id=asset_id, at=clock.now())
    shop.make_next()
    after = seen(asset_id).sealed_key
    assert before is not None
    assert after is not None
    assert keys.unseal(after, shop.masters) == keys.unseal(before, shop.masters)
    first, second = queries.segments(asset_id, 1), queries.segments(asset_id, 2)
    assert len(first) == len(second) > 1
    assert not {each.object_key for each in first} & {each.object_key for each in second}


def test_a_key_that_is_lost_is_replaced_by_processing_again(
    shop: Workshop, owner_id: UUID, clips: Clips
) -> None:
    asset_id = uploaded(owner_id, clips.lesson()).id
    shop.make_next()
    elsewhere = Workshop(shop.storage, keys.Masters(current="another" * 8), shop.scratch)
    service.process_again(asset_id=asset_id, at=clock.now())
    elsewhere.make_next()
    found = seen(asset_id)
    assert (found.state, found.revision) == (READY, 2)
    assert found.sealed_key is not None
    keys.unseal(found.sealed_key, elsewhere.masters)


@pytest.mark.parametrize("lost", [".ts", ".jpg"])
def test_a_storage_that_goes_away_in_the_middle_is_waited_for(
    shop: Workshop, owner_id: UUID, clips: Clips, time_passes: Ahead, lost: str
) -> None:
    asset_id = uploaded(owner_id, clips.lesson()).id

    class Leaving:
        def put(self, key: str, source: object, *, content_type: str) -> None:
            if key.endswith(lost):
                raise StorageAway
            shop.storage.put(key, source, content_type=content_type)  # type: ignore[arg-type]

        def __getattr__(self, name: str) -> object:
            return getattr(shop.storage, name)

    Workshop(Leaving(), shop.masters, shop.scratch).make_next()  # type: ignore[arg-type]
    assert (seen(asset_id).state, seen(asset_id).is_playable) == (PROCESSING, False)
    assert is_tidy(shop)
    assert shop.make_next() is None
    time_passes.ahead = timedelta(seconds=30)
    assert shop.make_next() == asset_id
    assert seen(asset_id).state == READY
    assert is_tidy(shop)


def test_an_upload_that_storage_lost_is_asked_for_again(shop: Workshop, owner_id: UUID, clips: Clips) -> None:
    asset_id = uploaded(owner_id, clips.lesson()).id
    storage().delete([seen(asset_id).upload_key])
    shop.make_next()
    assert (seen(asset_id).state, seen(asset_id).failure_code) == (FAILED, "upload_missing")
    uploaded(owner_id, clips.lesson(), at=clock.now())
    shop.make_next()
    assert seen(asset_id).state == READY
    assert is_tidy(shop)


def test_a_probe_that_hangs_is_ended_and_the_next_video_is_made(
    shop: Workshop, owner_id: UUID, clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop, "probe", partial(probing.probe, within_s=1))
    asset_id = uploaded(owner_id, clips.lesson()).id
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "ffprobe"
    fake.write_text("#!/bin/sh\nsleep 60\n")
    fake.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
        shop.make_next()
    assert (seen(asset_id).state, seen(asset_id).failure_code) == (FAILED, "timed_out")
    monkeypatch.undo()
    other_id = uploaded(owner_id, clips("other.mp4", picture(2), H264)).id
    shop.make_next()
    assert seen(other_id).state == READY
    assert is_tidy(shop)


@pytest.mark.parametrize("free_bytes", [0, 64 * 1024**2 + 100])
def test_without_room_it_waits_for_some(
    shop: Workshop,
    owner_id: UUID,
    clips: Clips,
    time_passes: Ahead,
    monkeypatch: pytest.MonkeyPatch,
    free_bytes: int,
) -> None:
    asset_id = uploaded(owner_id, clips.lesson()).id
    with monkeypatch.context() as patch:
        usage = shutil.disk_usage("/")._replace(free=free_bytes)
        patch.setattr("shutil.disk_usage", lambda _: usage)
        for wait_s in (30, 120, 480, 1_920, 0):
            shop.make_next()
            assert seen(asset_id).state == (PROCESSING if wait_s else FAILED)
            time_passes.ahead += timedelta(seconds=wait_s)
    assert seen(asset_id).failure_code == "no_room"
    assert "administrator" in (seen(asset_id).failure_detail or "")
    assert is_tidy(shop)
    service.process_again(asset_id=asset_id, at=clock.now())
    shop.make_next()
    assert seen(asset_id).state == READY


def test_without_ffmpeg_an_mp4_plays_by_its_bytes_until_there_is_ffmpeg(
    shop: Workshop, owner_id: UUID, clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clips.lesson()
    asset_id = uploaded(owner_id, path).id
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "/nowhere")
        shop.make_next()
    found = seen(asset_id)
    assert (found.state, found.mode, found.sealed_key) == (READY, MP4, None)
    windows = queries.segments(asset_id, 1)
    assert [each.window for each in windows] == [0, 1]
    assert {each.object_key for each in windows} == {found.upload_key}
    assert sum(each.duration_ms for each in windows) == found.duration_ms
    assert is_tidy(shop)
    service.process_again(asset_id=asset_id, at=clock.now())
    shop.make_next()
    found = seen(asset_id)
    assert (found.state, found.mode, found.revision) == (READY, HLS, 2)
    assert len(queries.segments(asset_id, 1)) == 2  # players go on with it
    assert is_tidy(shop)


def test_without_ffmpeg_another_file_says_what_to_do(
    shop: Workshop, owner_id: UUID, clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = (
        clips("h264.mkv", picture(2), H264),
        clips("fragments.mp4", picture(2), H264, "-movflags frag_keyframe+empty_moov"),
        clips("mpeg4.mp4", picture(2), "-c:v mpeg4"),
    )
    assets = [uploaded(owner_id, path).id for path in others]
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "/nowhere")
        while shop.make_next():
            pass
    for asset_id in assets:
        assert seen(asset_id).state == FAILED
        assert seen(asset_id).failure_code in MP4_ALONE
        assert seen(asset_id).failure_detail
        service.process_again(asset_id=asset_id, at=clock.now())
    while shop.make_next():
        pass
    assert {seen(asset_id).state for asset_id in assets} == {READY}
