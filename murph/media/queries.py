"""Reads of assets and their segments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import aliased

from murph.core.db import db
from murph.media.models import PROCESSING, UPLOADED, Asset, Discarded, Segment


def asset(asset_id: UUID) -> Asset | None:
    """Return an asset."""
    return db.session.get(Asset, asset_id)


def locked_asset(asset_id: UUID) -> Asset | None:
    """Return an asset whose row stays ours until the transaction ends."""
    return db.session.scalar(_locked(select(Asset).where(Asset.id == asset_id)))


def locked_asset_of(*, owner_id: UUID, sha256: str) -> Asset:
    """Return a teacher's asset of this content, which there is; its row stays ours."""
    query = select(Asset).where(Asset.owner_id == owner_id, Asset.sha256 == sha256)
    return db.session.scalars(_locked(query)).one()


def locked_assets_with_keys() -> list[Asset]:
    """Return every asset that has a content key; the rows stay ours."""
    return list(db.session.scalars(_locked(select(Asset).where(Asset.sealed_key.is_not(None)))))


def next_asset_to_make(*, at: datetime, asset_id: UUID | None) -> Asset | None:
    """Return the asset whose turn it is, of those that wait and that nobody is at; its row stays ours.

    First comes the owner for whom none was ever begun, or longest ago; of that owner's, the oldest.
    """
    waits = Asset.state == UPLOADED
    was_left = (Asset.state == PROCESSING) & (Asset.claimed_until <= at)
    order = (_last_turn(), Asset.updated_at, Asset.id)
    query = select(Asset).where(or_(waits, was_left)).order_by(*order).limit(1)
    if asset_id is not None:
        query = query.where(Asset.id == asset_id)
    return db.session.scalar(
        query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    )


def segments(asset_id: UUID, revision: int) -> list[Segment]:
    """Return the segments of a revision in the order in which they play."""
    wanted = (Segment.asset_id == asset_id) & (Segment.revision == revision)
    return list(db.session.scalars(select(Segment).where(wanted).order_by(Segment.number)))


def sealed_key(asset_id: UUID) -> bytes | None:
    """Return the sealed content key of an asset, from which the keys of all its revisions are made."""
    return db.session.scalar(select(Asset.sealed_key).where(Asset.id == asset_id))


def makers() -> set[str]:
    """Return everybody who has claimed an asset."""
    return {maker for maker in db.session.scalars(select(Asset.claimed_by)) if maker is not None}


def latest(*, state: str | None, limit: int) -> list[Asset]:
    """Return the newest assets, of one state when it is named."""
    query = select(Asset).order_by(Asset.id.desc()).limit(limit)
    return list(db.session.scalars(query if state is None else query.where(Asset.state == state)))


def is_discarded(prefix: str) -> bool:
    """Tell whether what lies under this prefix is to go."""
    return db.session.get(Discarded, prefix) is not None


def _last_turn() -> ScalarSelect[datetime | None]:
    """Return when an asset of the same owner was claimed last."""
    own = aliased(Asset)
    return select(func.max(own.claimed_at)).where(own.owner_id == Asset.owner_id).scalar_subquery()


def _locked(query: Select[Asset]) -> Select[Asset]:
    return query.with_for_update().execution_options(populate_existing=True)
