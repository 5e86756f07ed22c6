"""The house of these tests has two hosts."""

from collections.abc import Iterator

import pytest

from tests.scale.hosts import TwoHosts
from tests.support.databases import migrate
from tests.support.mariadb import MariaDb
from tests.support.valkey import private_valkey


@pytest.fixture(scope="module")
def mariadb_house(
    mariadb_server: MariaDb, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[TwoHosts]:
    """Two hosts on one MariaDB and one Valkey; a module's SETTINGS are theirs."""
    folder = tmp_path_factory.mktemp("two-hosts")
    url = mariadb_server.create("murph_scale")
    migrate(url, folder)
    settings = getattr(request.module, "SETTINGS", {})
    with private_valkey() as valkey, TwoHosts(url, valkey, folder, **settings) as house:
        yield house
