"""The grant inside a playback address: what it is for, who has it, and until when.

It stands in the path, so that the relative addresses of a playlist inherit it in every player. It is
signed (HMAC-SHA256); what counts when it is used are the rows that its ids name.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from murph.core.errors import NotFound


class LinkUnknown(NotFound):
    """The address is not one of ours."""

    code = "link_unknown"
    detail = "There is no video at this address. Ask for a new playback address."


@dataclass(frozen=True)
class Grant:
    """What a playback address stands for; without a session it is the teacher's preview."""

    video_id: UUID
    asset_id: UUID
    revision: int
    user_id: UUID
    family_id: UUID
    session_id: UUID | None
    expires_at: int


def sign(grant: Grant, secrets: Sequence[str]) -> str:
    """Return the token of a grant, signed with the newest of `secrets`, which is their last."""
    ids = (grant.video_id, grant.asset_id, grant.user_id, grant.family_id, grant.session_id)
    return str(_signer(secrets, "playback").dumps([*map(_short, ids), grant.revision, grant.expires_at]))


def read(token: str, secrets: Sequence[str]) -> Grant:
    """Return the grant of a token that was signed with any of `secrets`.

    Raises:
        LinkUnknown: it was not.
    """
    *ids, revision, expires_at = _load(token, secrets, "playback")
    video_id, asset_id, user_id, family_id = (UUID(hex=id) for id in ids[:4])
    session_id = UUID(hex=ids[4]) if ids[4] else None
    return Grant(video_id, asset_id, revision, user_id, family_id, session_id, expires_at)


def sign_poster(asset_id: UUID, revision: int, secrets: Sequence[str]) -> str:
    """Return a token for the poster of an asset, which everybody may see."""
    return str(_signer(secrets, "poster").dumps([asset_id.hex, revision]))


def read_poster(token: str, secrets: Sequence[str]) -> tuple[UUID, int]:
    """Return whose poster a token is for: asset and revision.

    Raises:
        LinkUnknown: it was not signed by us.
    """
    asset_id, revision = _load(token, secrets, "poster")
    return UUID(hex=asset_id), revision


def _short(id: UUID | None) -> str | None:
    return None if id is None else id.hex


def _load(token: str, secrets: Sequence[str], purpose: str) -> list[Any]:
    try:
        found: list[Any] = _signer(secrets, purpose).loads(token)
    except BadData as error:
        raise LinkUnknown from error
    return found


def _signer(secrets: Sequence[str], purpose: str) -> URLSafeSerializer:
    kinds = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(list(secrets), salt=purpose, signer_kwargs=kinds)
