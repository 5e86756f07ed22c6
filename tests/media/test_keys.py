"""Window keys and the seal on what they are made from."""

import hashlib
import hmac
from uuid import UUID

import pytest

from murph.media import keys

ASSET = UUID("0192f0c1-2345-7abc-8def-0123456789ab")
OLD = keys.Masters(current="the master key of last year, 48 characters or so")
NEW = keys.Masters(current="the master key of this year, 48 characters or so", previous=OLD.current)


def test_a_window_key_is_the_hmac_of_asset_revision_and_window() -> None:
    expected = hmac.new(b"k" * 32, f"{ASSET}:3:7".encode(), hashlib.sha256).digest()[:16]
    assert keys.window_key(b"k" * 32, asset_id=ASSET, revision=3, window=7) == expected


def test_every_window_revision_asset_and_content_key_has_another_key() -> None:
    made = {
        keys.window_key(content_key, asset_id=asset_id, revision=revision, window=window)
        for content_key in (b"a" * 32, b"b" * 32)
        for asset_id in (ASSET, UUID(int=1))
        for revision in (1, 11)
        for window in (1, 11)
    }
    assert len(made) == 16


def test_what_was_sealed_opens_again_and_does_not_show() -> None:
    content_key = keys.new_content_key()
    sealed = keys.seal(content_key, OLD)
    assert len(sealed) == keys.SEALED_BYTES
    assert content_key not in sealed
    assert keys.unseal(sealed, OLD) == content_key
    assert keys.seal(content_key, OLD) != sealed


def test_the_master_key_of_before_still_opens_what_it_sealed() -> None:
    content_key = keys.new_content_key()
    assert keys.unseal(keys.seal(content_key, OLD), NEW) == content_key
    assert keys.seal(content_key, NEW)[:4] != keys.seal(content_key, OLD)[:4]


def test_an_unknown_master_key_is_named_as_the_reason() -> None:
    with pytest.raises(keys.UnknownMasterKey, match="MEDIA_KEY_PREVIOUS"):
        keys.unseal(keys.seal(keys.new_content_key(), NEW), OLD)


@pytest.mark.parametrize("place", [4, 20, 50, 63])
def test_an_altered_seal_is_refused(place: int) -> None:
    sealed = bytearray(keys.seal(keys.new_content_key(), OLD))
    sealed[place] ^= 1
    with pytest.raises(keys.BrokenSeal):
        keys.unseal(bytes(sealed), OLD)


def test_a_seal_that_was_cut_is_refused() -> None:
    with pytest.raises(keys.BrokenSeal):
        keys.unseal(keys.seal(keys.new_content_key(), OLD)[:40], OLD)


def test_master_keys_do_not_show_when_printed() -> None:
    assert "master" not in repr(NEW)
