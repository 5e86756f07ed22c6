from collections.abc import Iterator
from pathlib import Path

import pytest

from murph.gateways.storage import Storage, from_config
from tests.support.s3 import INSTALL, S3Server, moto_server, running_s3


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    if moto_server() is None:
        pytest.skip(f"moto_server not found: {INSTALL}")
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Storage:
    return from_config({"STORAGE_URL": (tmp_path / "new" / "media").as_uri()})
