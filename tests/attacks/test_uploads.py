"""Uploads to a real web process: fast ones, slow ones, many of them, and those that break off."""

import resource
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from tests.attacks.crowd import memory_kib
from tests.attacks.uploaders import (
    AFTER,
    BEFORE,
    LIMIT_BYTES,
    PAUSE_S,
    PIECE,
    Sender,
    UploadingHouse,
    is_held,
)
from tests.support.databases import SqliteFactory, migrate
from tests.support.house import HURRIED
from tests.support.mariadb import MariaDb
from tests.support.people import Student, course_at
from tests.support.player import Player
from tests.support.processes import wait_until
from tests.support.uploading import LARGE_BYTES
from tests.support.valkey import private_valkey

SETTINGS = {
    **HURRIED,
    "WEB_WORKERS": "1",
    "MURPH_TEST_PAUSE_S": str(PAUSE_S),
    "MAX_UPLOAD_BYTES": str(LIMIT_BYTES),
}
MUCH_BYTES = 150 * 2**20
MAX_UPLOADS = 8
LONG_AND_ALIVE = {"Content-Length": "99999999999", "Connection": "keep-alive"}


@pytest.fixture(scope="module")
def sqlite_uploading(
    sqlite_factory: SqliteFactory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[UploadingHouse]:
    folder = tmp_path_factory.mktemp("sqlite-uploading")
    url = sqlite_factory.fresh(folder)
    with private_valkey() as valkey, UploadingHouse(url, valkey, folder, **SETTINGS) as house:
        yield house


@pytest.fixture(scope="module")
def mariadb_uploading(
    mariadb_server: MariaDb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[UploadingHouse]:
    folder = tmp_path_factory.mktemp("mariadb-uploading")
    url = mariadb_server.create("murph_uploading")
    migrate(url, folder)
    with private_valkey() as valkey, UploadingHouse(url, valkey, folder, **SETTINGS) as house:
        yield house


@pytest.fixture
def house(database_kind: str, request: pytest.FixtureRequest) -> Iterator[UploadingHouse]:
    shared: UploadingHouse = request.getfixturevalue(f"{database_kind}_uploading")
    yield shared
    print(shared.logs())  # noqa: T201 - pytest shows it when the test failed
    wait_until(lambda: not shared.spooled, what="an empty spool")


@pytest.fixture
def player(house: UploadingHouse) -> Iterator[Player]:
    student = Student(house.url)
    session = student.start(course_at(house.url))
    player = student.play(session)
    yield player
    student.end(session)


def upload_whole(house: UploadingHouse, size_bytes: int) -> tuple[Sender, int, dict[str, object]]:
    sender = house.upload(size_bytes)
    sender.send_content(size_bytes)
    sender.finish()
    return sender, *sender.answer()


def slowest_ack_s(player: Player, until: threading.Event) -> float:
    """Tick until then; return how long the slowest ack took."""
    waited_s = [0.0]
    while not until.wait(0.3):
        ticked_s = time.monotonic()
        player.acked(player.tick())
        waited_s.append(time.monotonic() - ticked_s)
    return max(waited_s)


def test_three_uploads_at_full_speed_hold_up_no_player_and_need_no_memory(
    house: UploadingHouse, player: Player
) -> None:
    upload_whole(house, len(PIECE))  # what the first one needs is there for good
    idle_kib, peak_kib, over = memory_kib(house), [0], threading.Event()

    def watch_memory() -> None:
        while not over.wait(0.05):
            peak_kib[0] = max(peak_kib[0], memory_kib(house))

    with ThreadPoolExecutor(5) as pool:
        slowest = pool.submit(slowest_ack_s, player, over)
        pool.submit(watch_memory)
        try:
            sent = list(pool.map(lambda _: upload_whole(house, MUCH_BYTES), range(3)))
        finally:
            over.set()
    for sender, status, answer in sent:
        assert status == 201, answer
        assert (answer["size_bytes"], answer["sha256"]) == (MUCH_BYTES, sender.sha256)
    assert slowest.result() < 1
    assert peak_kib[0] - idle_kib < 64 * 1024


def test_an_upload_may_take_as_long_as_it_makes_progress(house: UploadingHouse) -> None:
    pieces = 8  # twice as long as other bodies have
    sender = house.upload(pieces * 10_000)
    for _ in range(pieces):
        time.sleep(PAUSE_S / 2)
        sender.send_content(10_000)
    sender.finish()
    status, answer = sender.answer()
    assert (status, answer.get("sha256")) == (201, sender.sha256), answer


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "", "Transfer-Encoding": "chunked"}])
def test_an_upload_that_stands_still_is_refused_and_leaves_nothing(
    house: UploadingHouse, headers: dict[str, str]
) -> None:
    sender = house.upload(50_000) if not headers else house.knock(**{"Transfer-Encoding": "chunked"})
    if headers:
        sender.send(chunk(BEFORE))
    status, answer = sender.answer()
    assert (status, answer["code"]) == (400, "upload_incomplete")
    assert PAUSE_S <= sender.answered_s < PAUSE_S + 3


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def test_a_body_of_unknown_length_is_taken_up_to_the_limit(house: UploadingHouse) -> None:
    sender = house.knock(**{"Transfer-Encoding": "chunked"})
    sender.send(chunk(BEFORE) + chunk(PIECE) + chunk(AFTER) + chunk(b""))
    status, answer = sender.answer()
    assert (status, answer.get("size_bytes")) == (201, len(PIECE)), answer

    sender = house.knock(**{"Transfer-Encoding": "chunked"})
    sender.send(chunk(BEFORE))
    for _ in range(LIMIT_BYTES // len(PIECE)):
        sender.send(chunk(PIECE))
    sender.send(chunk(PIECE[:200_000]))
    status, answer = sender.answer()
    assert (status, answer["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("broken", [b"zz\r\n", b"5\r\nabcdefgh\r\n", b"-5\r\nabcde\r\n"])
def test_chunks_that_are_none_are_refused(house: UploadingHouse, broken: bytes) -> None:
    sender = house.knock(**{"Transfer-Encoding": "chunked"})
    sender.send(chunk(BEFORE) + broken)
    status, answer = sender.answer()
    assert (status, answer["code"]) == (400, "upload_incomplete")


def test_whoever_hangs_up_leaves_nothing(house: UploadingHouse) -> None:
    sender = house.upload(2 * len(PIECE))
    sender.send_content(len(PIECE))
    wait_until(lambda: house.spooled, what="the upload")
    sender.hang_up()
    wait_until(lambda: not house.spooled, what="an empty spool")


def test_uploads_have_places_of_their_own(house: UploadingHouse, player: Player) -> None:
    over = threading.Event()
    tokens = [house.teacher.token, *(other.token for other in house.others)]  # each may have three
    with ThreadPoolExecutor(MAX_UPLOADS) as pool:
        slow = [
            pool.submit(upload_slowly, house, over, tokens[number % len(tokens)])
            for number in range(MAX_UPLOADS)
        ]
        try:
            wait_until(lambda: len(house.spooled) == MAX_UPLOADS, what="all of them being read")
            status, answer = house.upload(len(PIECE)).answer()
            assert (status, answer["code"]) == (503, "too_many_uploads")
            for _ in range(20):  # more than the places of other bodies
                answered = httpx.post(
                    f"{house.url}/api/v1/auth/login", content=b"x" * 60_000, trust_env=False
                )
                assert answered.status_code == 415
            player.acked(player.tick())
        finally:
            over.set()
        assert {each.result() for each in slow} == {201}
    assert upload_whole(house, len(PIECE))[1] == 201


def upload_slowly(house: UploadingHouse, until: threading.Event, token: str) -> int:
    sender = house.upload(2 * len(PIECE), Authorization=f"Bearer {token}")
    sender.send_content(len(PIECE))
    left = len(PIECE)
    while not until.wait(PAUSE_S / 4):
        sender.send(b"x")
        left -= 1
    sender.send(b"x" * left)
    sender.finish()
    return sender.answer()[0]


def test_a_stranger_is_answered_before_the_body_and_is_not_heard_for_long(
    house: UploadingHouse, player: Player
) -> None:
    sender = house.upload(LIMIT_BYTES // 2, Authorization="Bearer no")
    status, answer = sender.answer()
    assert (status, answer["code"]) == (401, "token_invalid")
    assert sender.answered_s < 3
    over = threading.Event()
    with ThreadPoolExecutor(5) as pool:
        slowest = pool.submit(slowest_ack_s, player, over)
        try:
            assert max(pool.map(lambda _: flood_s(house), range(3))) < 5
        finally:
            over.set()
    assert slowest.result() < 1


def flood_s(house: UploadingHouse) -> float:
    """Send without a good token until the server hangs up; return how long it listened."""
    sender = house.upload(LIMIT_BYTES // 2, Authorization="Bearer no", **LONG_AND_ALIVE)
    with suppress(ConnectionError):
        while time.monotonic() - sender.asked_s < 10:
            sender.send(PIECE)
    sender.hang_up()
    return time.monotonic() - sender.asked_s


def test_a_full_disk_is_507_and_leaves_nothing(house: UploadingHouse) -> None:
    room = 40 * 2**20
    pids = house.web.descendants
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_, most) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (room, most))
    try:
        sender = house.upload(2 * room)
        with suppress(ConnectionError):
            sender.send_content(room + len(PIECE))
        status, answer = sender.answer()
    finally:
        for pid, limit in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)
    assert (status, answer["code"]) == (507, "storage_full")
    assert house.web.descendants == pids


@pytest.mark.only_sqlite  # a greenlet may wait
@pytest.mark.parametrize("path", ["large", "large_file"])
def test_who_does_not_read_a_large_answer_has_no_thread_for_long(house: UploadingHouse, path: str) -> None:
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(("127.0.0.1", house.port))
        peer.sendall(f"GET /api/v1/test/{path} HTTP/1.1\r\nHost: murph\r\n\r\n".encode())
        asked_s = time.monotonic()
        wait_until(lambda: is_held(house, peer), what="the connection being taken")
        wait_until(lambda: not is_held(house, peer), within_s=15, what="the server having hung up")
        assert PAUSE_S / 2 < time.monotonic() - asked_s < 5 * PAUSE_S + 2
        peer.settimeout(5)
        heard = 0
        with suppress(ConnectionError):
            while data := peer.recv(65_536):
                heard += len(data)
    assert heard < LARGE_BYTES


def test_who_reads_a_large_answer_gets_it(house: UploadingHouse) -> None:
    for path in ("large", "large_file"):
        answer = httpx.get(f"{house.url}/api/v1/test/{path}", trust_env=False)
        assert len(answer.content) == LARGE_BYTES
