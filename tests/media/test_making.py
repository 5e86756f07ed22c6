"""The states of an asset and the claims of its makers: whatever happens, one of them finishes it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from murph.core.db import db
from murph.gateways.storage import storage
from murph.media import queries, service
from murph.media.models import FAILED, HLS, MP4, PROCESSING, READY, UPLOADED, Asset, Discarded
from murph.media.service import ClaimLost, Made, MadeSegment, Work
from murph.media.service.making import AFTER_SETBACK, CLAIM, MAX_SETBACKS
from murph.media.unusable import UploadMissing
from tests.auth.people import sign_up
from tests.media.uploads import MORNING, seen, uploaded

pytestmark = pytest.mark.both_databases

SECOND = timedelta(seconds=1)
TROUBLE = {"code": "storage_away", "detail": "Files cannot be reached."}


@pytest.fixture
def owner_id(client: FlaskClient) -> UUID:
    return sign_up(client, "tess@example.org", "teacher").id


@pytest.fixture
def asset_id(owner_id: UUID) -> UUID:
    return uploaded(owner_id, b"film").id


def claim(maker: str = "one", *, after: timedelta = timedelta()) -> Work:
    work = service.claim_next(maker=maker, at=MORNING + after)
    assert work is not None
    return work


def made(work: Work, **changes: Any) -> Made:
    """Store one segment and return what publishes it."""
    key = f"{service.revision_prefix(work.asset_id, work.revision)}a.ts"
    storage().put(key, b"segment", content_type="video/mp2t")
    what = {
        "mode": HLS,
        "duration_ms": 4_000,
        "width": 640,
        "height": 360,
        "video_codec": "h264",
        "audio_codec": "aac",
        "segments": [MadeSegment(0, 0, 4_000, key, 7)],
        "sealed_key": b"k" * 64,
    }
    return Made(**{**what, **changes})


def publish(work: Work, *, after: timedelta = timedelta()) -> None:
    service.publish(work=work, made=made(work), at=MORNING + after)


def due() -> dict[str, timedelta]:
    """Return what is to go, and how long after the morning."""
    db.session.rollback()
    return {each.prefix: each.due_at - MORNING for each in db.session.scalars(select(Discarded))}


def findings() -> list[service.Finding]:
    return list(service.findings(storage=storage(), others=()))


def test_what_is_claimed_is_nobody_elses_and_plays_when_it_is_published(asset_id: UUID) -> None:
    work = claim()
    assert (work.asset_id, work.revision) == (asset_id, 1)
    assert (seen(asset_id).state, seen(asset_id).is_playable) == (PROCESSING, False)
    assert service.claim_next(maker="two", at=MORNING + CLAIM - SECOND) is None
    assert service.revision_prefix(asset_id, 1) in due()
    publish(work)
    found = seen(asset_id)
    assert (found.state, found.revision, found.progress_pct, found.claimed_by) == (READY, 1, 100, None)
    assert [each.window for each in queries.segments(asset_id, 1)] == [0]
    assert due() == {}
    assert findings() == []
    assert service.claim_next(maker="two", at=MORNING + timedelta(days=9)) is None


def test_who_reports_keeps_the_claim(asset_id: UUID) -> None:
    work = claim()
    service.report(work=work, progress_pct=40, at=MORNING + CLAIM - SECOND)
    assert seen(asset_id).progress_pct == 40
    assert service.claim_next(maker="two", at=MORNING + 2 * CLAIM - 2 * SECOND) is None
    assert claim("two", after=2 * CLAIM).revision == 2


def test_a_slow_maker_whose_claim_another_has_can_do_nothing_more(asset_id: UUID) -> None:
    slow = claim()
    quick = claim("two", after=CLAIM)
    deeds: tuple[Callable[[], object], ...] = (
        lambda: service.report(work=slow, progress_pct=99, at=MORNING),
        lambda: publish(slow),
        lambda: service.fail(work=slow, code="corrupt", detail="x", at=MORNING),
        lambda: service.put_back(work=slow, **TROUBLE, at=MORNING),
        lambda: service.give_back(work=slow),
    )
    for deed in deeds:
        with pytest.raises(ClaimLost):
            deed()
    assert (seen(asset_id).state, seen(asset_id).claimed_by, seen(asset_id).progress_pct) == (
        PROCESSING,
        "two",
        0,
    )
    publish(quick, after=CLAIM)
    with pytest.raises(ClaimLost):
        publish(slow)
    assert (seen(asset_id).revision, queries.segments(asset_id, 1)) == (2, [])
    assert findings() == []  # the slow one's segment is to go
    service.clear_due(storage=storage(), at=MORNING + timedelta(days=1))
    assert {each.key.split("/")[2] for each in storage().list()} == {"upload", "2"}


def test_what_takes_longer_than_a_day_is_not_cleared_on_its_way(asset_id: UUID) -> None:
    work = claim()
    what, reported_at = made(work), MORNING + timedelta(hours=20)
    service.report(work=work, progress_pct=40, at=reported_at)
    assert due() == {service.revision_prefix(asset_id, 1): timedelta(hours=44)}
    assert service.clear_due(storage=storage(), at=MORNING + timedelta(hours=43)) == 0
    service.publish(work=work, made=what, at=MORNING + timedelta(hours=43))
    assert (findings(), due()) == ([], {})


def test_the_same_maker_is_not_the_same_making(asset_id: UUID) -> None:
    first = claim("one")
    claim("one", after=CLAIM)
    with pytest.raises(ClaimLost):
        publish(first)


def test_a_making_is_over_when_another_was_asked_for(asset_id: UUID) -> None:
    work = claim()
    service.process_again(asset_id=asset_id, at=MORNING)
    with pytest.raises(ClaimLost):
        publish(work)
    assert (seen(asset_id).state, seen(asset_id).revision) == (UPLOADED, None)


def test_owners_take_turns_and_each_of_them_in_the_order_of_sending(
    client: FlaskClient, owner_id: UUID
) -> None:
    many = [uploaded(owner_id, f"{n}".encode(), at=MORNING + n * SECOND).id for n in range(4)]
    other_id = sign_up(client, "otto@example.org", "teacher").id
    others = [uploaded(other_id, f"{n}".encode(), at=MORNING + (9 + n) * SECOND).id for n in range(2)]
    order = [claim(str(n), after=(20 + n) * SECOND).asset_id for n in range(6)]
    assert order == [many[0], others[0], many[1], others[1], many[2], many[3]]


def test_it_is_nobodys_turn_sooner_because_something_was_made_and_sent_again(
    client: FlaskClient, owner_id: UUID, asset_id: UUID
) -> None:
    second = uploaded(owner_id, b"second", at=MORNING + SECOND).id
    publish(claim())
    service.process_again(asset_id=asset_id, at=MORNING)
    other = uploaded(sign_up(client, "otto@example.org", "teacher").id, b"x", at=MORNING + 2 * SECOND).id
    order = [claim(str(n), after=(3 + n) * SECOND).asset_id for n in range(3)]
    assert order == [other, asset_id, second]


def test_what_five_makers_died_of_has_failed_and_the_next_is_made(asset_id: UUID, owner_id: UUID) -> None:
    for death in range(MAX_SETBACKS):
        assert claim(str(death), after=death * CLAIM).asset_id == asset_id
    other = uploaded(owner_id, b"other", at=MORNING + timedelta(hours=1)).id
    assert claim("last", after=timedelta(hours=1)).asset_id == other
    found = seen(asset_id)
    assert (found.state, found.failure_code, found.claimed_by) == (FAILED, "processing_failed", None)
    service.process_again(asset_id=asset_id, at=MORNING + timedelta(hours=1))
    assert (seen(asset_id).state, seen(asset_id).failure_code) == (UPLOADED, None)
    publish(claim("again", after=timedelta(hours=2)), after=timedelta(hours=2))
    assert (seen(asset_id).state, seen(asset_id).setbacks) == (READY, 0)


def test_trouble_of_ours_is_tried_again_later_and_later_and_at_last_said(asset_id: UUID) -> None:
    now = timedelta()
    for wait in (AFTER_SETBACK * 4**count for count in range(MAX_SETBACKS - 1)):
        service.put_back(work=claim("one", after=now), **TROUBLE, at=MORNING + now)
        assert seen(asset_id).state == PROCESSING
        assert service.claim_next(maker="two", at=MORNING + now + wait - SECOND) is None
        now += wait
    assert now > timedelta(minutes=40)
    service.put_back(work=claim("one", after=now), **TROUBLE, at=MORNING + now)
    found = seen(asset_id)
    assert (found.state, found.failure_code, found.failure_detail) == (FAILED, *TROUBLE.values())


def test_who_is_told_to_stop_gives_it_back_at_once_and_it_is_no_setback(asset_id: UUID) -> None:
    service.give_back(work=claim())
    assert (seen(asset_id).state, seen(asset_id).setbacks) == (UPLOADED, 0)
    assert claim("two").revision == 2


def test_a_revision_plays_while_another_is_made_and_for_a_quarter_of_an_hour_after(asset_id: UUID) -> None:
    publish(claim())
    service.process_again(asset_id=asset_id, at=MORNING)
    again = claim("two")
    assert again.sealed_key == b"k" * 64
    assert (seen(asset_id).state, seen(asset_id).revision, seen(asset_id).is_playable) == (
        PROCESSING,
        1,
        True,
    )
    assert len(queries.segments(asset_id, 1)) == 1
    publish(again)
    assert seen(asset_id).revision == 2
    old = service.revision_prefix(asset_id, 1)
    assert due() == {old: service.STILL_PLAYED_FOR}
    assert len(queries.segments(asset_id, 1)) == len(queries.segments(asset_id, 2)) == 1
    assert findings() == []
    assert service.clear_due(storage=storage(), at=MORNING + service.STILL_PLAYED_FOR - SECOND) == 0
    assert storage().read(f"{old}a.ts") == b"segment"
    assert service.clear_due(storage=storage(), at=MORNING + service.STILL_PLAYED_FOR) == 1
    assert [*storage().list(old.rstrip("/"))] == []
    assert (findings(), due()) == ([], {})


def test_bytes_that_follow_segments_leave_their_key(asset_id: UUID) -> None:
    """Without ffmpeg nothing has a key, and who plays the segments before goes on asking for theirs."""
    publish(claim())
    service.process_again(asset_id=asset_id, at=MORNING)
    again = claim("two")
    service.publish(work=again, made=made(again, mode=MP4, sealed_key=None), at=MORNING)
    assert (seen(asset_id).mode, seen(asset_id).revision) == (MP4, 2)
    assert queries.sealed_key(asset_id) == b"k" * 64


def test_only_the_revision_before_is_kept_for_players(asset_id: UUID) -> None:
    for number in (1, 2, 3):
        service.process_again(asset_id=asset_id, at=MORNING)
        publish(claim(str(number)))
    assert [len(queries.segments(asset_id, number)) for number in (1, 2, 3)] == [0, 1, 1]


def test_a_revision_plays_on_when_the_next_fails(asset_id: UUID) -> None:
    publish(claim())
    service.process_again(asset_id=asset_id, at=MORNING)
    service.fail(work=claim("two"), code="corrupt", detail="x" * 400, at=MORNING)
    found = seen(asset_id)
    assert (found.state, found.failure_code, found.revision) == (FAILED, "corrupt", 1)
    assert (len(queries.segments(asset_id, 1)), len(found.failure_detail or "")) == (1, 300)
    assert findings() == []


def test_an_asset_that_goes_while_it_is_made_leaves_nothing(asset_id: UUID, app: Flask) -> None:
    work = claim()
    what = made(work)
    service.let_go(asset_id=asset_id, is_needed=lambda _: False, at=MORNING)
    with pytest.raises(ClaimLost):
        service.report(work=work, progress_pct=50, at=MORNING)
    with pytest.raises(ClaimLost):
        service.publish(work=work, made=what, at=MORNING)
    assert queries.asset(asset_id) is None
    assert service.claim_next(maker="two", at=MORNING + CLAIM) is None
    assert findings() == []
    service.clear_due(storage=storage(), at=MORNING + timedelta(days=1))
    assert [*storage().list()] == []


def test_what_is_needed_stays(asset_id: UUID) -> None:
    publish(claim())
    service.let_go(asset_id=asset_id, is_needed=lambda _: True, at=MORNING)
    assert seen(asset_id).is_playable
    assert due() == {}


def test_an_equal_upload_is_the_same_asset_and_goes_again(owner_id: UUID, asset_id: UUID) -> None:
    assert uploaded(owner_id, b"film").id == asset_id
    assert db.session.scalars(select(Asset.id)).all() == [asset_id]
    service.clear_due(storage=storage(), at=MORNING)
    assert [each.key for each in storage().list()] == [seen(asset_id).upload_key]


def test_a_lost_upload_is_healed_by_uploading_it_again(owner_id: UUID, asset_id: UUID) -> None:
    storage().delete([seen(asset_id).upload_key])
    service.fail(work=claim(), code=UploadMissing.code, detail=UploadMissing.detail, at=MORNING)
    assert uploaded(owner_id, b"film").id == asset_id
    work = claim("two")
    assert storage().read(work.upload_key) == b"film"
    publish(work)
    assert findings() == []
    service.let_go(asset_id=asset_id, is_needed=lambda _: False, at=MORNING)
    service.clear_due(storage=storage(), at=MORNING + timedelta(days=1))
    assert [*storage().list()] == []


@pytest.mark.parametrize("kind", ["upload", "segment"])
def test_what_is_needed_and_to_be_deleted_is_named(asset_id: UUID, kind: str) -> None:
    publish(claim())
    upload, segment = seen(asset_id).upload_key, queries.segments(asset_id, 1)[0].object_key
    key, prefix = {"upload": (upload, upload), "segment": (segment, segment.rpartition("/")[0] + "/")}[kind]
    service.discard(prefix=prefix, due_at=MORNING)
    (found,) = findings()
    assert (found.key, "is needed" in found.problem) == (key, True)
    service.clear_due(storage=storage(), at=MORNING)
    (found,) = findings()
    assert (found.key, "is missing" in found.problem) == (key, True)
