"""What everybody relies on, whichever storage is behind the port."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask

from murph.core.db import transactional
from murph.gateways.storage import ObjectMissing, Storage, from_config
from murph.gateways.storage.port import CHUNK_BYTES

KEY = "assets/0198/upload/video.mp4"
TYPE = "video/mp4"
TRICKS = (
    "",
    "/etc/passwd",
    "../outside",
    "a/../b",
    "a/./b",
    "a//b",
    "a/",
    ".hidden",
    "a/.hidden",
    "a\\b",
    "a\x00b",
    "a b",
    "a%2fb",
    "a#1",
    "a\n",
    "é",
    "a" * 600,
)


@pytest.fixture(params=["folder", "memory", "s3", "s3 prefix"])
def files(request: pytest.FixtureRequest) -> Storage:
    if request.param == "folder":
        found: Storage = request.getfixturevalue("folder")
        return found
    if request.param == "memory":
        return from_config({"STORAGE_URL": "memory://"})
    server = request.getfixturevalue("s3_server")
    if request.param == "s3":
        server.storage().delete([each.key for each in server.storage().list()])
        return server.storage()  # type: ignore[no-any-return]
    return server.storage(path=f"/some/{uuid4().hex}")  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("big") / "big.mp4"
    path.write_bytes(os.urandom(30 * 1024 * 1024 + 1))
    yield path
    path.unlink()


def keys(files: Storage, prefix: str = "") -> dict[str, int]:
    return {each.key: each.size_bytes for each in files.list(prefix)}


class TestStorage:
    def test_what_was_put_is_read(self, files: Storage) -> None:
        files.put(KEY, b"0123456789", content_type=TYPE)
        assert files.read(KEY) == b"0123456789"
        assert b"".join(files.stream(KEY)) == b"0123456789"
        assert files.size(KEY) == 10

    def test_an_empty_object_is_one(self, files: Storage, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()
        for source in (b"", tmp_path / "empty"):
            files.put(KEY, source, content_type=TYPE)
            assert (files.size(KEY), files.read(KEY), [*files.stream(KEY)]) == (0, b"", [])

    def test_the_later_put_wins_and_leaves_nothing_of_the_earlier(self, files: Storage) -> None:
        files.put(KEY, b"a long first one", content_type=TYPE)
        files.put(KEY, b"short", content_type=TYPE)
        assert files.read(KEY) == b"short"
        assert keys(files) == {KEY: 5}

    def test_whoever_reads_an_object_that_is_overwritten_reads_one_of_the_two(self, files: Storage) -> None:
        first, second = (bytes([byte]) * (2 * CHUNK_BYTES) for byte in (1, 2))
        files.put(KEY, first, content_type=TYPE)
        reading = files.stream(KEY)
        begun = next(reading)
        files.put(KEY, second, content_type=TYPE)
        assert b"".join([begun, *reading]) == first
        assert files.read(KEY) == second

    def test_a_big_file_comes_back_in_chunks(self, files: Storage, big_file: Path) -> None:
        files.put(KEY, big_file, content_type=TYPE)
        assert files.size(KEY) == big_file.stat().st_size
        wanted, found = hashlib.sha256(big_file.read_bytes()).digest(), hashlib.sha256()
        for chunk in files.stream(KEY):
            assert 0 < len(chunk) <= CHUNK_BYTES
            found.update(chunk)
        assert found.digest() == wanted

    @pytest.mark.parametrize(
        ("start", "length", "wanted"),
        [
            (0, None, b"0123456789"),
            (0, 4, b"0123"),
            (3, 4, b"3456"),
            (3, None, b"3456789"),
            (9, 1, b"9"),
            (8, 50, b"89"),
            (10, 1, b""),
            (10, None, b""),
            (50, 5, b""),
        ],
    )
    def test_a_range_is_as_of_a_file(
        self, files: Storage, start: int, length: int | None, wanted: bytes
    ) -> None:
        files.put(KEY, b"0123456789", content_type=TYPE)
        assert files.read(KEY, start=start, length=length) == wanted
        assert b"".join(files.stream(KEY, start=start, length=length)) == wanted

    def test_a_range_may_be_longer_than_a_chunk(self, files: Storage) -> None:
        content = os.urandom(3 * CHUNK_BYTES)
        files.put(KEY, content, content_type=TYPE)
        stretch = content[17 : 17 + 2 * CHUNK_BYTES + 5]
        assert b"".join(files.stream(KEY, start=17, length=len(stretch))) == stretch

    @pytest.mark.parametrize(("start", "length"), [(-1, None), (0, 0), (0, -1)])
    def test_what_is_no_range_is_refused(self, files: Storage, start: int, length: int | None) -> None:
        files.put(KEY, b"0123456789", content_type=TYPE)
        for ask in (files.read, files.stream):
            with pytest.raises(ValueError, match="range"):
                ask(KEY, start=start, length=length)

    def test_what_is_not_there_is_missing(self, files: Storage) -> None:
        files.put(f"{KEY}/below", b"x", content_type=TYPE)
        for missing in ("assets/nothing", KEY, "assets"):
            for ask in (files.read, files.size, files.stream):
                with pytest.raises(ObjectMissing):
                    ask(missing)
            with pytest.raises(ObjectMissing):
                files.read(missing, start=5, length=5)

    def test_deleting_takes_what_is_there_and_does_not_mind_the_rest(self, files: Storage) -> None:
        files.put("a/1.ts", b"1", content_type=TYPE)
        files.put("a/2.ts", b"2", content_type=TYPE)
        files.put("a/3.ts", b"3", content_type=TYPE)
        files.delete(["nothing", "a/1.ts", "b/nothing", "a/2.ts", "a/1.ts"])
        assert keys(files) == {"a/3.ts": 1}
        files.delete([])
        files.delete(["a/3.ts"])
        files.delete(["a/3.ts"])
        assert keys(files) == {}

    @pytest.mark.torture
    def test_many_are_listed_and_deleted(self, files: Storage) -> None:
        wanted = {f"many/{number}": 1 for number in range(1005)}
        for key in wanted:
            files.put(key, b"x", content_type=TYPE)
        assert keys(files) == wanted
        files.delete(iter(wanted))
        assert keys(files) == {}

    def test_a_prefix_is_a_whole_folder(self, files: Storage) -> None:
        for key in ("a/b/1", "a/b/c/2", "a/bc/3", "d/4", "5"):
            files.put(key, b"xyz", content_type=TYPE)
        assert keys(files) == dict.fromkeys(("a/b/1", "a/b/c/2", "a/bc/3", "d/4", "5"), 3)
        assert set(keys(files, "a/b")) == {"a/b/1", "a/b/c/2"}
        assert set(keys(files, "a")) == {"a/b/1", "a/b/c/2", "a/bc/3"}
        assert keys(files, "nothing") == {}

    def test_an_empty_storage_has_nothing_and_answers(self, files: Storage) -> None:
        assert keys(files) == {}
        files.look()
        assert keys(files) == {}

    @pytest.mark.parametrize("trick", TRICKS, ids=range(len(TRICKS)))
    def test_a_key_with_a_trick_in_it_is_refused(self, files: Storage, trick: str) -> None:
        with pytest.raises(ValueError, match="key"):
            files.put(trick, b"x", content_type=TYPE)
        for ask in (files.read, files.size, files.stream):
            with pytest.raises(ValueError, match="key"):
                ask(trick)
        with pytest.raises(ValueError, match="key"):
            files.delete([KEY, trick])
        if trick:
            with pytest.raises(ValueError, match="key"):
                list(files.list(trick))

    def test_a_source_that_is_not_there_is_the_callers_mistake(self, files: Storage, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            files.put(KEY, tmp_path / "nothing", content_type=TYPE)
        assert keys(files) == {}

    def test_nothing_waits_for_it_inside_a_transaction(self, files: Storage, app: Flask) -> None:
        @transactional
        def verb() -> None:
            files.put(KEY, b"x", content_type=TYPE)

        with pytest.raises(RuntimeError, match="transaction"):
            verb()
        assert keys(files) == {}
