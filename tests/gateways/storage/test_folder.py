"""A folder of this machine: whose it is, and what is left when a write fails."""

import os
import resource
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from murph.gateways.storage import Folder, StorageAway, StorageFull, StorageRefused

KEY = "assets/one/upload"


@pytest.fixture(params=[0o022, 0o000, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@contextmanager
def room_for(size_bytes: int) -> Iterator[None]:
    """Let no file of this process become longer."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_nobody_else_may_look_into_it(folder: Folder, umask: None, tmp_path: Path) -> None:
    folder.put(KEY, b"x", content_type="video/mp4")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").rglob("*")}
    assert modes == {"media": 0o700, "assets": 0o700, "one": 0o700, "upload": 0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_without_room_nothing_is_stored_and_what_was_there_stays(folder: Folder, tmp_path: Path) -> None:
    folder.put(KEY, b"before", content_type="video/mp4")
    (tmp_path / "big").write_bytes(b"x" * 1_000_000)
    with room_for(600_000):
        for key in (KEY, "assets/two/upload"):
            with pytest.raises(StorageFull):
                folder.put(key, tmp_path / "big", content_type="video/mp4")
            with pytest.raises(StorageFull):
                folder.put(key, b"x" * 1_000_000, content_type="video/mp4")
    assert {each.key: each.size_bytes for each in folder.list()} == {KEY: 6}
    assert [path.name for path in folder.folder.rglob("*") if path.is_file()] == ["upload"]
    assert folder.read(KEY) == b"before"


def test_a_draft_that_a_crash_left_is_no_object(folder: Folder) -> None:
    folder.put(KEY, b"x", content_type="video/mp4")
    (folder.folder / "assets" / "one" / ".0123456789abcdef").write_bytes(b"half")
    assert [each.key for each in folder.list()] == [KEY]


def test_a_folder_that_cannot_be_one_refuses_and_recovers(tmp_path: Path) -> None:
    (tmp_path / "media").touch()
    for folder in (Folder(tmp_path / "media"), Folder(tmp_path / "media" / "below")):
        for attempt in (
            folder.look,
            lambda folder=folder: folder.put(KEY, b"x", content_type="video/mp4"),
            lambda folder=folder: folder.read(KEY),
        ):
            with pytest.raises(StorageRefused):
                attempt()
    (tmp_path / "media").unlink()
    folder.put(KEY, b"x", content_type="video/mp4")
    assert folder.read(KEY) == b"x"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do anything")
def test_without_rights_it_refuses(folder: Folder) -> None:
    folder.put(KEY, b"x", content_type="video/mp4")
    folder.folder.chmod(0o000)
    for attempt in (folder.look, lambda: folder.read(KEY), lambda: [*folder.list()]):
        with pytest.raises(StorageRefused):
            attempt()
    folder.folder.chmod(0o700)


def test_a_stream_that_nobody_reads_to_its_end_keeps_no_file_open(folder: Folder) -> None:
    folder.put(KEY, b"x" * 1_000_000, content_type="video/mp4")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        stream = folder.stream(KEY)
        next(stream)
        stream.close()  # type: ignore[attr-defined]  # as a web server does
    assert len(os.listdir("/proc/self/fd")) == before


def test_what_goes_wrong_is_one_error(folder: Folder) -> None:
    assert issubclass(StorageFull, StorageAway)
    assert issubclass(StorageRefused, StorageAway)
    assert (StorageAway.status, StorageAway.code) == (503, "storage_away")
