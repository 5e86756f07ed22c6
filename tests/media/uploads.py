"""Uploads as the routes make them, without the routes."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from murph.core.ids import new_id
from murph.gateways.storage import storage
from murph.media import queries, service
from murph.media.models import Asset
from murph.media.service import StoredUpload

MORNING = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def uploaded(
    owner_id: UUID, content: bytes | Path, *, name: str = "film.mp4", at: datetime = MORNING
) -> Asset:
    """Store a file and make it an asset."""
    data = content if isinstance(content, bytes) else content.read_bytes()
    upload = StoredUpload(new_id(), sha256(data).hexdigest(), len(data), name)
    service.reserve(prefix=service.prefix(upload.asset_id), at=at)
    storage().put(upload.key, data, content_type="application/octet-stream")
    return service.register(owner_id=owner_id, upload=upload, at=at)


def seen(asset_id: UUID) -> Asset:
    """Return the asset as it is now."""
    found = queries.asset(asset_id)
    assert found is not None
    return found
