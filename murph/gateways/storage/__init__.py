"""Files too big for rows: the port, its adapters, and the choice between them."""

from murph.gateways.storage.calls import reason
from murph.gateways.storage.choice import from_config, init_app, is_reachable, storage
from murph.gateways.storage.folder import Folder
from murph.gateways.storage.port import (
    ObjectMissing,
    Storage,
    StorageAway,
    StorageFull,
    StorageRefused,
    StoredObject,
)

__all__ = [
    "Folder",
    "ObjectMissing",
    "Storage",
    "StorageAway",
    "StorageFull",
    "StorageRefused",
    "StoredObject",
    "from_config",
    "init_app",
    "is_reachable",
    "reason",
    "storage",
]
