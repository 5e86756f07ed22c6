"""Uploads become assets, and go again when the last course lets go of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table

from murph.core.db import db, insert_if_absent, transactional
from murph.core.errors import NotFound
from murph.core.queue import enqueue
from murph.media import queries
from murph.media.keys import Masters, seal, unseal
from murph.media.models import FAILED, UPLOADED, Asset
from murph.media.service import objects
from murph.media.unusable import UploadMissing

STILL_PLAYED_FOR = timedelta(hours=13)
"""How long what was replaced or removed is kept for players that are at it: longer than an address lives."""


class AssetNotFound(NotFound):
    """There is no such asset."""

    code = "asset_not_found"
    detail = "There is no asset with this id. See `flask media list`."


@dataclass(frozen=True)
class StoredUpload:
    """A file that lies in storage under its asset's prefix, and is no asset yet."""

    asset_id: UUID
    sha256: str
    size_bytes: int
    filename: str

    @property
    def key(self) -> str:
        """Return where it lies."""
        return f"{prefix(self.asset_id)}upload/{self.sha256}"


def prefix(asset_id: UUID) -> str:
    """Return what the names of all objects of an asset begin with."""
    return f"assets/{asset_id.hex}/"


def revision_prefix(asset_id: UUID, revision: int) -> str:
    """Return what the names of all objects of one revision begin with."""
    return f"{prefix(asset_id)}{revision}/"


@transactional
def register(*, owner_id: UUID, upload: StoredUpload, at: datetime) -> Asset:
    """Make an upload an asset, to be looked into soon; one equal to an earlier of its owner is that one.

    The row stays locked until the surrounding transaction ends. What was uploaded twice goes again,
    unless storage has lost the first. An asset that failed is tried anew.
    """
    row = {
        "id": upload.asset_id,
        "owner_id": owner_id,
        "sha256": upload.sha256,
        "size_bytes": upload.size_bytes,
        "filename": upload.filename,
        "upload_key": upload.key,
        "state": UPLOADED,
        "progress_pct": 0,
        "attempt": 0,
        "setbacks": 0,
        "created_at": at,
        "updated_at": at,
    }
    insert_if_absent(cast(Table, Asset.__table__), [row])
    asset = queries.locked_asset_of(owner_id=owner_id, sha256=upload.sha256)
    if asset.id == upload.asset_id:
        objects.put_to_use(prefix=prefix(asset.id))
    elif asset.failure_code == UploadMissing.code:
        objects.put_to_use(prefix=prefix(upload.asset_id))
        asset.upload_key = upload.key
    else:
        objects.discard(prefix=prefix(upload.asset_id), due_at=at)
    if asset.state == FAILED:
        _try_anew(asset, at=at)
    enqueue("media.package")
    return asset


@transactional
def let_go(*, asset_id: UUID, is_needed: Callable[[UUID], bool], at: datetime) -> None:
    """Remove an asset unless something still needs it, and its objects a while later.

    `is_needed` is asked while the asset is locked, so that nobody can begin to need it meanwhile.
    """
    asset = queries.locked_asset(asset_id)
    if asset is not None and not is_needed(asset_id):
        db.session.delete(asset)
        objects.discard(prefix=prefix(asset_id), due_at=at + STILL_PLAYED_FOR)
        if not asset.upload_key.startswith(prefix(asset_id)):  # older than assets, or sent a second time
            objects.discard(prefix=asset.upload_key, due_at=at + STILL_PLAYED_FOR)


@transactional
def process_again(*, asset_id: UUID, at: datetime) -> Asset:
    """Let an asset be made once more; a revision that plays goes on playing until then.

    Raises:
        AssetNotFound: there is none.
    """
    asset = queries.locked_asset(asset_id)
    if asset is None:
        raise AssetNotFound
    _try_anew(asset, at=at)
    enqueue("media.package")
    return asset


@transactional
def rekey(*, masters: Masters) -> int:
    """Seal every content key with the present master key; return how many were sealed.

    Raises:
        UnknownMasterKey, BrokenSeal: one cannot be opened; none was changed.
    """
    sealed = 0
    for asset in queries.locked_assets_with_keys():
        assert asset.sealed_key is not None
        asset.sealed_key = seal(unseal(asset.sealed_key, masters), masters)
        sealed += 1
    return sealed


def _try_anew(asset: Asset, *, at: datetime) -> None:
    asset.state, asset.progress_pct, asset.setbacks = UPLOADED, 0, 0
    asset.failure_code = asset.failure_detail = None
    asset.claimed_by = asset.claimed_until = None
    asset.updated_at = at
