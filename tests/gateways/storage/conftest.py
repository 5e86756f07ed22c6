from pathlib import Path

import pytest

from murph.gateways.storage import Storage, from_config


@pytest.fixture
def folder(tmp_path: Path) -> Storage:
    return from_config({"STORAGE_URL": (tmp_path / "new" / "media").as_uri()})
