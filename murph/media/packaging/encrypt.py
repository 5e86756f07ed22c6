"""Encrypts segments as HLS prescribes: AES-128-CBC, PKCS #7, the media sequence number as the IV."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad

CHUNK_BYTES = 1024 * 1024
"""A multiple of the block, so that only the last chunk is padded."""


@dataclass(frozen=True)
class Encrypted:
    """What was written: its size, and the hash that it is stored under."""

    path: Path
    size_bytes: int
    sha256: str


def encrypt(source: Path, target: Path, *, key: bytes, number: int) -> Encrypted:
    """Write the segment `source`, number `number` of its playlist, to `target`, encrypted chunk by chunk."""
    cipher = AES.new(key, AES.MODE_CBC, iv=number.to_bytes(AES.block_size, "big"))
    digest, size_bytes = hashlib.sha256(), 0
    with source.open("rb") as plain, target.open("wb") as output:
        while True:
            chunk = plain.read(CHUNK_BYTES)
            is_last = len(chunk) < CHUNK_BYTES
            encrypted = cipher.encrypt(pad(chunk, AES.block_size) if is_last else chunk)
            digest.update(encrypted)
            size_bytes += output.write(encrypted)
            if is_last:
                return Encrypted(target, size_bytes, digest.hexdigest())
