"""The keys of packaged video: one per asset and revision at rest, one per window in players' hands."""

import hmac
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF

from murph.core.errors import Unavailable

CONTENT_KEY_BYTES = 32
WINDOW_KEY_BYTES = 16
SEALED_BYTES = 64
_ID_BYTES, _NONCE_BYTES, _TAG_BYTES = 4, 12, 16


class UnknownMasterKey(Unavailable):
    """It was sealed with a master key that is not configured here."""

    code = "media_key_unknown"
    detail = (
        "This video was sealed with a key that is not configured here. "
        "An administrator has to set MEDIA_KEY_PREVIOUS to it."
    )


class BrokenSeal(Unavailable):
    """The sealed key is not what was sealed."""

    code = "media_key_damaged"
    detail = "The stored key of this video is damaged. An administrator has to have it processed again."


@dataclass(frozen=True)
class _SealingKey:
    id: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class Masters:
    """What content keys are sealed with: the master key of today and that of before, if there is one."""

    current: str = field(repr=False)
    previous: str = field(default="", repr=False)


def from_config(config: Mapping[str, Any]) -> Masters:
    """Return the master keys of this deployment."""
    return Masters(current=config["MEDIA_KEY"], previous=config["MEDIA_KEY_PREVIOUS"])


def new_content_key() -> bytes:
    """Return a fresh key, from which all window keys of one asset's revision are made."""
    return secrets.token_bytes(CONTENT_KEY_BYTES)


def window_key(content_key: bytes, *, asset_id: UUID, revision: int, window: int) -> bytes:
    """Return the AES-128 key of one window: HMAC-SHA256(content key, "asset:revision:window")[:16]."""
    name = f"{asset_id}:{revision}:{window}".encode()
    return hmac.digest(content_key, name, "sha256")[:WINDOW_KEY_BYTES]


def seal(content_key: bytes, masters: Masters) -> bytes:
    """Return the content key under the present master key: 64 bytes that may lie in a database.

    Those are the master key's id (4), a nonce (12), the key in AES-256-GCM (32) and its tag (16).
    """
    key, nonce = _sealing_key(masters.current), secrets.token_bytes(_NONCE_BYTES)
    cipher = AES.new(key.secret, AES.MODE_GCM, nonce=nonce)
    cipher.update(key.id)
    encrypted, tag = cipher.encrypt_and_digest(content_key)
    return key.id + nonce + encrypted + tag


def unseal(sealed: bytes, masters: Masters) -> bytes:
    """Return the content key that `seal` was given.

    Raises:
        UnknownMasterKey: neither master key here sealed it.
        BrokenSeal: it has been altered since.
    """
    if len(sealed) != SEALED_BYTES:
        raise BrokenSeal
    key_id, rest = sealed[:_ID_BYTES], sealed[_ID_BYTES:]
    nonce, encrypted, tag = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:-_TAG_BYTES], rest[-_TAG_BYTES:]
    cipher = AES.new(_known(key_id, masters).secret, AES.MODE_GCM, nonce=nonce)
    cipher.update(key_id)
    try:
        return cipher.decrypt_and_verify(encrypted, tag)
    except ValueError as error:
        raise BrokenSeal from error


def _known(key_id: bytes, masters: Masters) -> _SealingKey:
    for key in _sealing_keys(masters):
        if key.id == key_id:
            return key
    raise UnknownMasterKey


def _sealing_keys(masters: Masters) -> Iterator[_SealingKey]:
    yield _sealing_key(masters.current)
    if masters.previous:
        yield _sealing_key(masters.previous)


def _sealing_key(master: str) -> _SealingKey:
    made = HKDF(master.encode(), 32 + _ID_BYTES, b"", SHA256, context=b"murph media seal")
    return _SealingKey(id=made[32:], secret=made[:32])
