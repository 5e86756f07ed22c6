"""A bucket on a server that goes away, refuses, or falls silent."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from obstore.store import S3Store

from murph.gateways.storage import ObjectMissing, Storage, StorageAway, StorageRefused, from_config, reason
from tests.support.s3 import ACCOUNT, BUCKET, S3Server, running_s3

KEY = "assets/one/upload"
TYPE = "video/mp4"


def at(port: int, bucket: str = BUCKET) -> Storage:
    endpoint = f"http://127.0.0.1:{port}"
    return from_config({"STORAGE_URL": f"s3://{bucket}", "AWS_ENDPOINT_URL": endpoint, **ACCOUNT})


@contextmanager
def silent_server() -> Iterator[int]:
    """Take connections and say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_while_the_server_is_away_everything_says_so_soon_and_goes_on_afterwards(
    s3_server: S3Server, tmp_path: Path
) -> None:
    with running_s3(tmp_path) as server:
        files = server.storage()
        files.put(KEY, b"x", content_type=TYPE)
    big = tmp_path / "big"
    big.write_bytes(b"x" * (9 * 1024 * 1024))
    for attempt in (
        lambda: files.put(KEY, b"x", content_type=TYPE),
        lambda: files.put(KEY, big, content_type=TYPE),
        lambda: files.read(KEY),
        lambda: files.stream(KEY),
        lambda: files.size(KEY),
        lambda: files.delete([KEY]),
        lambda: [*files.list()],
        files.look,
    ):
        begun = time.monotonic()
        with pytest.raises(StorageAway) as raised:
            attempt()
        assert raised.value.code == "storage_away"
        assert time.monotonic() - begun < 5
    with running_s3(tmp_path, port=server.port):
        files.put(KEY, b"again", content_type=TYPE)
        assert files.read(KEY) == b"again"
        files.look()


def test_a_look_at_a_silent_server_ends_within_two_seconds() -> None:
    with silent_server() as port:
        begun = time.monotonic()
        with pytest.raises(StorageAway):
            at(port).look()
        assert time.monotonic() - begun < 2


@pytest.mark.torture
def test_a_silent_server_is_away_after_half_a_minute() -> None:
    with silent_server() as port:
        for attempt in (lambda: at(port).read(KEY), lambda: at(port).put(KEY, b"x", content_type=TYPE)):
            begun = time.monotonic()
            with pytest.raises(StorageAway):
                attempt()
            assert time.monotonic() - begun < 40


def test_an_answer_that_breaks_off_is_no_shorter_object() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            head = (
                b"HTTP/1.1 200 OK\r\nContent-Length: 600000\r\nLast-Modified: Sat, 21 Nov 2026 10:00:00 GMT"
            )
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(head + b'\r\nETag: "1"\r\n\r\n' + b"x" * 300_000)

        threading.Thread(target=serve, daemon=True).start()
        files = at(listener.getsockname()[1])
        with pytest.raises(StorageAway):
            files.read(KEY)
        with pytest.raises(StorageAway):
            b"".join(files.stream(KEY))
        listener.shutdown(socket.SHUT_RDWR)


def test_a_bucket_that_is_not_there_is_no_missing_object(s3_server: S3Server) -> None:
    files = at(s3_server.port, "murph-mistyped")
    for attempt in (
        files.look,
        lambda: files.read(KEY),
        lambda: files.put(KEY, b"x", content_type=TYPE),
        lambda: [*files.list()],
    ):
        with pytest.raises(StorageRefused) as refused:
            attempt()
        assert "NoSuchBucket" in reason(refused.value)
        assert "\n" not in reason(refused.value)


def test_objects_carry_their_type(s3_server: S3Server) -> None:
    s3_server.storage().put("typed.ts", b"x", content_type="video/mp2t")
    store = S3Store(
        BUCKET,
        endpoint=s3_server.endpoint,
        access_key_id=ACCOUNT["AWS_ACCESS_KEY_ID"],
        secret_access_key=ACCOUNT["AWS_SECRET_ACCESS_KEY"],
        client_options={"allow_http": True},
    )
    assert store.get("typed.ts").attributes["Content-Type"] == "video/mp2t"


def test_nobody_without_the_key_reads_anything(s3_server: S3Server) -> None:
    s3_server.storage().put("private.ts", b"x", content_type="video/mp2t")
    assert s3_server.ask("GET", f"/{BUCKET}/private.ts").status_code == 403


def test_a_prefix_is_not_left(s3_server: S3Server) -> None:
    inside, outside = s3_server.storage(path="/some/prefix"), s3_server.storage()
    inside.put("k", b"x", content_type=TYPE)
    assert outside.read("some/prefix/k") == b"x"
    with pytest.raises(ObjectMissing):
        outside.read("k")


def test_no_secret_is_in_its_name(s3_server: S3Server) -> None:
    assert s3_server.storage(path="/p").where == f"s3://{BUCKET}/p at {s3_server.endpoint}"


def test_a_process_forked_after_its_first_use_does_not_wait_for_ever(s3_server: S3Server) -> None:
    files = s3_server.storage()
    files.put(KEY, b"x", content_type=TYPE)
    child = os.fork()
    if child == 0:
        try:
            files.read(KEY)
        except RuntimeError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
