"""Which storage is in use: decided here, once, by the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app

from murph.core import clock
from murph.gateways.storage.folder import Folder
from murph.gateways.storage.objects import in_memory, s3
from murph.gateways.storage.port import Storage, StorageAway

if TYPE_CHECKING:
    from obstore.store import S3Config

LOOK_KEPT_MS = 5_000


@dataclass
class _Chosen:
    """The application's storage, and how it was when somebody last looked."""

    storage: Storage
    looked_at_ms: int | None = None
    answered: bool = False


def from_config(config: Mapping[str, Any]) -> Storage:
    """Return the storage that the settings ask for; nothing is opened before the first use."""
    url = urlsplit(config["STORAGE_URL"])
    if url.scheme == "file":
        return Folder(Path(unquote(url.path)))
    if url.scheme == "memory":
        return in_memory()
    return s3(url.netloc, prefix=url.path.strip("/"), account=_account(config))


def _account(config: Mapping[str, Any]) -> "S3Config":
    named = {
        "endpoint": config["AWS_ENDPOINT_URL"],
        "region": config["AWS_REGION"],
        "access_key_id": config["AWS_ACCESS_KEY_ID"],
        "secret_access_key": config["AWS_SECRET_ACCESS_KEY"],
    }
    return cast("S3Config", {name: value for name, value in named.items() if value})


def init_app(app: Flask) -> None:
    """Give the application its storage."""
    app.extensions["murph_storage"] = _Chosen(from_config(app.config))


def storage() -> Storage:
    """Return the application's storage."""
    return _chosen().storage


def is_reachable() -> bool:
    """Tell whether the storage answered when somebody looked, at most LOOK_KEPT_MS ago."""
    chosen, now_ms = _chosen(), clock.monotonic_ms()
    if chosen.looked_at_ms is None or now_ms - chosen.looked_at_ms >= LOOK_KEPT_MS:
        chosen.answered = _answers(chosen.storage)
        chosen.looked_at_ms = now_ms
    return chosen.answered


def _chosen() -> _Chosen:
    chosen: _Chosen = current_app.extensions["murph_storage"]
    return chosen


def _answers(storage: Storage) -> bool:
    try:
        storage.look()
    except StorageAway:
        return False
    return True
