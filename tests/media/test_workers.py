"""From the upload to a film that plays, in real processes: a folder with SQLite, a bucket with MariaDB."""

import os
import resource
import signal
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.media.film_house import (
    Filmmaker,
    assert_tidy,
    fetched,
    film_behind,
    is_made,
    lasts_s,
    left_on_the_way,
    let_claims_lapse,
    process,
    segments_by_key,
)
from tests.support.clips import H264, Clips, picture, sound
from tests.support.house import HURRIED, House
from tests.support.processes import ROOT, wait_until
from tests.support.s3 import S3Server
from tests.support.tools import require_tool
from tests.support.valkey import Valkey

LECTURE = ROOT / "murph" / "demo" / "world" / "lecture.mp4"
PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{}\n#EXT-X-ENDLIST\n"


class Gate:
    """A way to a server that can be shut: then nobody answers there; or held: then nothing is answered."""

    def __init__(self, port: int) -> None:
        self._to_port = port
        self._held = threading.Event()
        self._links: list[socket.socket] = []
        self.stopped: set[socket.socket] = set()
        """From where something came that was held."""
        self.port = 0
        self.open()

    def open(self) -> None:
        """Let everybody through, from now on."""
        self._held.set()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Turn everybody away."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in self._links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def hold(self) -> None:
        """Let nothing more through, without a word."""
        self._held.clear()

    def release(self) -> None:
        """Let it all through."""
        self._held.set()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to_port))
                self._links += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                if not self._held.is_set():
                    self.stopped.add(one)
                self._held.wait()
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)


@pytest.fixture
def gate(s3_server: S3Server) -> Iterator[Gate]:
    gate = Gate(s3_server.port)
    yield gate
    gate.release()
    gate.shut()


@pytest.fixture
def settings(database_kind: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """A folder for SQLite, a bucket for MariaDB."""
    require_tool("ffmpeg")
    if database_kind == "sqlite":
        return {}
    server: S3Server = request.getfixturevalue("s3_server")
    gate: Gate = request.getfixturevalue("gate")
    way = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{gate.port}", "WEB_WORKERS": "1"}
    return {**server.settings(path=f"/{uuid4().hex}"), **way}


@pytest.fixture
def house(database: str, valkey: Valkey, tmp_path: Path, settings: dict[str, str]) -> Iterator[House]:
    with House(database, valkey, tmp_path, **{**HURRIED, **settings}) as house:
        yield house
        sys.stdout.write(house.logs())  # pytest shows it when the test failed


@pytest.fixture
def slow_ffmpeg(tmp_path: Path) -> str:
    """A PATH whose ffmpeg begins half a minute late."""
    return late_ffmpeg(tmp_path, late_s=30)


def late_ffmpeg(folder: Path, *, late_s: float) -> str:
    program = folder / f"late-{late_s}" / "ffmpeg"
    program.parent.mkdir()
    real = require_tool("ffmpeg")
    lines = (
        "import os, sys, time",
        f"time.sleep({late_s})",
        f"os.execv({real!r}, ['ffmpeg', *sys.argv[1:]])",
    )
    program.write_text("\n".join([f"#!{sys.executable} -S", *lines, ""]))
    program.chmod(0o755)
    return f"{program.parent}:{os.environ['PATH']}"


def has_reached_ffmpeg(house: House) -> bool:
    return any(
        "/ffmpeg" in _command(pid) and "setpriv" not in _command(pid) for pid in house.worker.descendants
    )


def restart_worker(house: House, **env: str) -> None:
    if house.worker.exit_code is None:
        house.worker.kill_family()
    house.start_worker(**env)


@pytest.mark.mariadb_torture
@pytest.mark.both_databases
def test_a_film_goes_all_the_way_to_a_player(house: House, bunny: Path, tmp_path: Path) -> None:
    teacher = Filmmaker(house.url)
    films = {teacher.upload(path): path for path in (bunny, LECTURE)}
    for video in teacher.processed(*films):
        path = films[video["id"]]
        assert (video["status"], video["progress_pct"], video["failure"]) == ("ready", 100, None)
        address = teacher.address(video["id"])
        assert segments_by_key(fetched(address).text) == ([2] if path is bunny else 14 * [3] + [1])
        film, announced_s = film_behind(address)
        played = tmp_path / "played.ts"
        played.write_bytes(film)
        for length_s in (video["duration_seconds"], announced_s, lasts_s(played)):
            assert abs(length_s - lasts_s(path)) < 0.25, (path, length_s)
        for name, mimetype in (("sprite.jpg", "image/jpeg"), ("sprite.vtt", "text/vtt")):
            answer = fetched(address.replace("index.m3u8", name))
            assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, mimetype)
        assert fetched(video["poster_url"]).content.startswith(b"\xff\xd8")
    assert_tidy(house)


def bad_files(folder: Path, clips: Clips) -> dict[str, tuple[Path, str]]:
    """Return files nobody can watch, the name each is uploaded by, and the code of its refusal."""
    lesson = clips.lesson().read_bytes()
    contents = {
        "passwd.mp4": PLAYLIST.format("/etc/passwd").encode(),
        "network.m3u8": PLAYLIST.format("http://127.0.0.1:9/secret.ts").encode(),
        "concat.mkv": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "cut.mp4": lesson[: len(lesson) // 2],
        "garbage.mp4": os.urandom(200_000),
        "text.mp4": b"A lesson about reading.\n" * 500,
        "..%2f..%2fetc%2fpasswd.mp4": b"\0" * 100_000,
    }
    found = {}
    for number, (name, content) in enumerate(contents.items()):
        path = folder / f"bad{number}"
        path.write_bytes(content)
        found[name] = (path, "truncated" if name == "cut.mp4" else "not_a_video")
    bomb = folder / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.mp4", "w") as member:
        for _ in range(64):
            member.write(b"\0" * 2**20)
    return found | {
        "bomb.mp4": (bomb, "not_a_video"),
        "still.mp4": (clips("still.png", picture(1), "-frames:v 1"), "not_a_video"),
        "moving.mp4": (clips("moving.gif", picture(1)), "not_a_video"),
        "song.mp4": (clips("song.m4a", sound(2), "-c:a aac"), "no_video_track"),
        "raw.mp4": (clips("raw.avi", picture(1), "-c:v ffv1"), "unsupported_codec"),
    }


def test_whatever_is_uploaded_the_worker_says_what_is_wrong_and_makes_the_next(
    house: House, tmp_path: Path, clips: Clips
) -> None:
    teacher = Filmmaker(house.url)
    bad = bad_files(tmp_path, clips)
    expected = {teacher.upload(path, name=name): (name, code) for name, (path, code) in bad.items()}
    good = teacher.upload(clips("good.mkv", picture(2), sound(2), H264), name="good.exe")
    *failed, last = teacher.processed(*expected, good)
    for video in failed:
        name, code = expected[video["id"]]
        assert (video["status"], video["failure"]["code"]) == ("failed", code), (name, video)
        assert (video["duration_seconds"], video["poster_url"]) == (0, None)
        answer = teacher.ask("GET", f"/courses/{teacher.course['id']}/videos/{video['id']}/url")
        assert answer.status_code == 409, answer.text
    assert (last["status"], last["title"]) == ("ready", "good")
    half_made = "SELECT asset_id FROM segment JOIN asset ON id = asset_id WHERE state <> 'ready'"
    assert house.rows(half_made) == []
    assert house.worker.exit_code is None
    assert_tidy(house)


@pytest.mark.both_databases
@pytest.mark.mariadb_torture
def test_after_a_killed_worker_another_finishes(house: House, bunny: Path, slow_ffmpeg: str) -> None:
    restart_worker(house, PATH=slow_ffmpeg)
    teacher = Filmmaker(house.url)
    video_id = teacher.upload(bunny)
    wait_until(lambda: has_reached_ffmpeg(house), what="ffmpeg")
    family = [house.worker.pid, *house.worker.descendants]
    for pid in [each for each in family if "ffmpeg" not in _command(each)]:
        os.kill(pid, signal.SIGKILL)
    house.worker.kill()
    wait_until(lambda: not any(map(_command, family)), what="the end of all that it started")
    assert left_on_the_way(house) != []
    assert teacher.videos[video_id]["status"] == "processing"
    house.start_worker()
    let_claims_lapse(house)
    (video,) = teacher.processed(video_id)
    assert video["status"] == "ready"
    film_behind(teacher.address(video_id))
    assert house.row("SELECT attempt, setbacks, revision FROM asset") == (2, 0, 2)
    assert_tidy(house)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.mark.torture
def test_a_worker_that_is_told_to_stop_hands_its_film_on(house: House, bunny: Path, slow_ffmpeg: str) -> None:
    restart_worker(house, PATH=slow_ffmpeg)
    teacher = Filmmaker(house.url)
    video_id = teacher.upload(bunny)
    wait_until(lambda: has_reached_ffmpeg(house), what="ffmpeg")
    began = time.monotonic()
    assert house.worker.terminate() == 0
    assert time.monotonic() - began < 8
    assert teacher.videos[video_id]["status"] == "uploaded"
    assert_tidy(house)
    house.start_worker()
    house.ring("media.package")
    assert teacher.processed(video_id)[0]["status"] == "ready"
    assert house.row("SELECT attempt, setbacks FROM asset") == (2, 0)
    assert_tidy(house)


@pytest.mark.torture
@pytest.mark.only_mariadb
def test_while_storage_is_away_films_wait(house: House, gate: Gate, bunny: Path, tmp_path: Path) -> None:
    restart_worker(house, PATH=late_ffmpeg(tmp_path, late_s=3))
    teacher = Filmmaker(house.url)
    video_id = teacher.upload(bunny)
    wait_until(lambda: has_reached_ffmpeg(house), what="ffmpeg")
    gate.shut()
    wait_until(lambda: "media.trouble" in house.worker.log.read_text(), within_s=90, what="the trouble")
    assert (is_made(house), teacher.videos[video_id]["status"]) == (True, "processing")
    assert left_on_the_way(house) == []
    gate.open()
    restart_worker(house)
    let_claims_lapse(house)
    assert teacher.processed(video_id)[0]["status"] == "ready"
    assert house.row("SELECT setbacks, revision FROM asset") == (0, 2)
    assert_tidy(house)


@pytest.mark.only_mariadb
def test_nobody_waits_for_a_storage_that_is_slow_but_who_asked_it(
    house: House, gate: Gate, bunny: Path
) -> None:
    teacher = Filmmaker(house.url)
    video_id = teacher.upload(bunny)
    teacher.processed(video_id)
    address = teacher.address(video_id)
    segment = address.replace("index.m3u8", "s/0.ts")
    gate.hold()
    with ThreadPoolExecutor(8) as pool:
        asked: list[Any] = [pool.submit(fetched, segment) for _ in range(4)]
        asked += [pool.submit(Filmmaker(house.url).upload, LECTURE) for _ in range(2)]
        wait_until(lambda: len(gate.stopped) >= len(asked), what="all of them at the gate")
        slowest_s = max(_took_s(lambda: fetched(f"{house.url}/healthz")) for _ in range(20))
        key_s = _took_s(lambda: fetched(address.replace("index.m3u8", "k/0")))
        waiting = [not each.done() for each in asked]
        gate.release()
        assert all(waiting)
        assert {each.result().status_code for each in asked[:4]} == {200}
    assert slowest_s < 1
    assert key_s < 1


def _took_s(deed: Callable[[], object]) -> float:
    began = time.monotonic()
    deed()
    return time.monotonic() - began


@pytest.mark.torture
@pytest.mark.only_mariadb
def test_two_workers_make_each_film_once(house: House, clips: Clips, tmp_path: Path) -> None:
    house.worker.kill_family()
    teacher = Filmmaker(house.url)
    videos = [
        teacher.upload(clips(f"{number}.mkv", picture(1 + number / 4), sound(1), H264)) for number in range(8)
    ]
    house.start_worker()
    first = house.worker
    house.start_worker()
    for _ in range(3):
        house.ring("media.package")
        time.sleep(0.1)
    assert {video["status"] for video in teacher.processed(*videos)} == {"ready"}
    first.terminate()
    rows = house.rows("SELECT attempt, setbacks, revision FROM asset")
    assert [tuple(row) for row in rows] == [(1, 0, 1)] * len(videos)
    assert_tidy(house)


@pytest.mark.torture
def test_without_ffmpeg_bytes_are_played_until_it_is_installed(
    house: House, clips: Clips, bunny: Path
) -> None:
    restart_worker(house, PATH="/nowhere")
    teacher = Filmmaker(house.url)
    mp4, mkv = teacher.upload(bunny), teacher.upload(clips("h264.mkv", picture(2), H264))
    played, refused = teacher.processed(mp4, mkv)
    assert (played["status"], refused["status"], refused["failure"]["code"]) == (
        "ready",
        "failed",
        "not_a_video",
    )
    address = teacher.address(mp4)
    assert address.endswith("video.mp4")
    content = bunny.read_bytes()
    got = b""
    while len(got) < len(content):
        answer = fetched(address, Range=f"bytes={len(got)}-")
        assert answer.status_code == 206
        got += answer.content
    assert got == content
    house.worker.kill_family()
    process(house, *(asset["id"] for asset in house.flask("media", "list")["items"]))
    played, healed = teacher.processed(mp4, mkv)
    assert (played["status"], healed["status"]) == ("ready", "ready")
    assert teacher.address(mp4).endswith("index.m3u8")
    assert fetched(address, Range="bytes=0-99").content == content[:100]  # who is at it goes on
    assert_tidy(house)


@pytest.mark.torture
@pytest.mark.only_mariadb
def test_a_full_disk_is_trouble_of_ours_and_the_worker_lives(house: House, bunny: Path) -> None:
    unlimited = resource.RLIM_INFINITY
    resource.prlimit(house.worker.pid, resource.RLIMIT_FSIZE, (400_000, unlimited))
    teacher = Filmmaker(house.url)
    video_id = teacher.upload(bunny)
    wait_until(lambda: "no_room" in house.worker.log.read_text(), what="the end of the room")
    assert teacher.videos[video_id]["status"] == "processing"
    wait_until(lambda: left_on_the_way(house) == [], what="tidying up")
    assert house.worker.exit_code is None
    resource.prlimit(house.worker.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
    let_claims_lapse(house)
    assert teacher.processed(video_id)[0]["status"] == "ready"
    assert_tidy(house)
