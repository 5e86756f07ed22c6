"""Where the embedded queue server listens."""

import os
from pathlib import Path

import redis

from config import Settings
from murph.core import embedded


def test_the_socket_is_in_the_instance_folder(tmp_path: Path) -> None:
    assert embedded.socket_path(tmp_path) == tmp_path / "valkey.sock"


def test_a_path_too_long_for_a_socket_gets_a_short_name_of_its_own(tmp_path: Path) -> None:
    spare = embedded.SOCKET_PATH_LIMIT - len("/valkey.sock")
    fits, too_long = Path("/" + "i" * (spare - 1)), Path("/" + "i" * spare)
    assert embedded.socket_path(fits).parent == fits
    short = embedded.socket_path(too_long)
    assert len(os.fsencode(short)) <= embedded.SOCKET_PATH_LIMIT
    assert short == embedded.socket_path(too_long)
    assert short != embedded.socket_path(Path(f"{too_long}2"))


def test_the_settings_point_at_that_socket_whatever_the_folder_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "50% of a #1 folder?"
    settings = Settings(MURPH_ENV="test", INSTANCE_PATH=folder)
    pool = redis.ConnectionPool.from_url(settings.REDIS_URL)
    assert pool.connection_kwargs["path"] == str(embedded.socket_path(folder))
