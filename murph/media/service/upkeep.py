"""Does storage hold what the rows say, and nothing else?"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from murph.core.db import db, release_connection
from murph.gateways.storage.port import Storage
from murph.media.models import Asset, Discarded, Segment


@dataclass(frozen=True)
class Finding:
    """An object and what is wrong with it."""

    key: str
    problem: str


def findings(*, storage: Storage, others: Collection[str]) -> Iterator[Finding]:
    """Yield every object that a row needs and storage lacks, holds otherwise or is to lose, and all others.

    `others` are the names of objects that rows outside this package need.

    Raises:
        StorageAway: storage cannot be asked.
    """
    needed = _needed() | dict.fromkeys(others)
    leaving = tuple(db.session.scalars(select(Discarded.prefix)))
    release_connection()
    found = {each.key: each.size_bytes for each in storage.list()}
    for key, size_bytes in sorted(needed.items()):
        if key not in found:
            yield Finding(key, "is missing: process the video again, or have it uploaded again")
        elif size_bytes is not None and found[key] != size_bytes:
            yield Finding(key, f"has {found[key]} bytes instead of {size_bytes}")
        if key.startswith(leaving):
            yield Finding(key, "is needed and yet to be deleted: have it made or uploaded again")
    for key in sorted(found.keys() - needed.keys()):
        if not key.startswith(leaving):
            yield Finding(key, "belongs to nothing: delete it")


def _needed() -> dict[str, int | None]:
    """Return the size of every object that assets and segments need, None where it is not known."""
    needed: dict[str, int | None] = {}
    for asset in db.session.scalars(select(Asset)):
        pictures = (asset.poster_key, asset.sprite_key, asset.sprite_map_key)
        needed |= {key: None for key in pictures if key is not None}
        needed[asset.upload_key] = asset.size_bytes or None
    uploads = select(Asset.upload_key)
    own = (
        select(Segment.object_key, Segment.size_bytes)
        .join(Asset, (Asset.id == Segment.asset_id) & (Asset.revision == Segment.revision))
        .where(Segment.object_key.not_in(uploads))
    )
    return needed | dict(db.session.execute(own).all())
