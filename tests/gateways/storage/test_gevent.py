"""Under gevent a slow storage holds up whoever waits for it, and nobody else."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import ROOT
from tests.support.s3 import ACCOUNT

ANSWERS_AFTER_S = 1.0
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nLast-Modified: Sat, 21 Nov 2026 10:00:00 GMT\r\n"
    b'ETag: "1"\r\nConnection: close\r\n\r\n'
)

HUB = """
from gevent import monkey; monkey.patch_all()
import time
from pathlib import Path
import gevent
from murph.gateways.storage import ObjectMissing, from_config

longest_s = 0.0
def tick():
    global longest_s
    before = time.monotonic()
    while True:
        gevent.sleep(0.001)
        longest_s, before = max(longest_s, time.monotonic() - before), time.monotonic()

files = from_config({config!r})
gevent.spawn(tick)
gevent.sleep(0)
begun = time.monotonic()
try:
    {work}
except ObjectMissing:
    pass
print(longest_s, time.monotonic() - begun)
"""


@pytest.fixture
def slow_s3() -> Iterator[int]:
    """The port of a server that thinks for a second, and then as long before the body."""
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            over.wait(ANSWERS_AFTER_S)
            connection.sendall(ANSWER)
            over.wait(ANSWERS_AFTER_S)
            connection.sendall(b"video")

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        over.set()
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "work", ["assert files.read('k') == b'video'", "assert b''.join(files.stream('k')) == b'video'"]
)
def test_a_slow_answer_of_s3_does_not_stall_the_hub(slow_s3: int, work: str) -> None:
    config = {"STORAGE_URL": "s3://bucket", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{slow_s3}", **ACCOUNT}
    longest_s, took_s = stall(config, work)
    assert took_s > 1.9 * ANSWERS_AFTER_S
    assert longest_s < ANSWERS_AFTER_S / 2


def test_a_slow_disk_does_not_stall_the_hub(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"x" * (200 * 1024 * 1024))
    config = {"STORAGE_URL": (tmp_path / "media").as_uri()}
    work = f"files.put('k', Path({str(tmp_path / 'source')!r}), content_type='video/mp4')"
    longest_s, took_s = stall(config, work)
    assert longest_s < max(0.05, took_s / 2)


def test_what_is_raised_in_the_pool_is_raised_here_and_not_printed(tmp_path: Path) -> None:
    stall({"STORAGE_URL": tmp_path.as_uri()}, "files.read('nothing')")


def stall(config: dict[str, str], work: str) -> tuple[float, float]:
    """Return for how long the hub stood still at most, and how long the work took."""
    done = subprocess.run(
        [sys.executable, "-c", HUB.format(config=config, work=work)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    longest_s, took_s = map(float, done.stdout.split())
    return longest_s, took_s
