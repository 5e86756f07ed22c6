"""A real browser, a page from another origin, and a house whose teacher has uploaded a film."""

import fcntl
import json
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.pages import Visitor
from tests.support.databases import SqliteFactory
from tests.support.house import HURRIED, House
from tests.support.people import Student, Teacher
from tests.support.processes import ROOT, wait_until
from tests.support.tools import require_tool
from tests.support.valkey import private_valkey

HERE = Path(__file__).parent
WEB = ROOT / "murph" / "web"
FILM = ROOT / "murph" / "demo" / "world" / "lecture.mp4"
PACKAGED_WITHIN_S = 120
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n"


class _Quiet(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        """Find the player library where the bundled pages have it."""
        return str(WEB / path.lstrip("/")) if path.startswith("/vendor/") else super().translate_path(path)

    def log_message(self, *_: object) -> None:
        """Say nothing of each file."""


@pytest.fixture(scope="session")
def packages() -> Path:
    """Where the packages from npm are: what pages play videos with, and what looks at pages in tests."""
    require_tool("npm")
    with (WEB / "package.json").open() as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        subprocess.run(["make", "--silent", "murph/web/vendor/hls.light.min.mjs"], cwd=ROOT, check=True)
        if not (WEB / "node_modules" / "axe-core").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=WEB, check=True)
    return WEB / "node_modules"


@pytest.fixture(scope="session")
def chromium(packages: Path) -> Iterator[Browser]:
    """The system's Chromium without a window."""
    path = require_tool("chromium")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def page_origin() -> Iterator[str]:
    """Where the player's page comes from: another origin than Murph's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(HERE)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def film_house(
    sqlite_factory: SqliteFactory,
    tmp_path_factory: pytest.TempPathFactory,
    page_origin: str,
    packages: Path,
) -> Iterator[House]:
    """A house that lets the page in."""
    require_tool("ffmpeg")
    folder = tmp_path_factory.mktemp("film-house")
    settings = {**HURRIED, "RECONNECT_GRACE_SECONDS": "60", "ALLOWED_ORIGINS": json.dumps([page_origin])}
    with private_valkey() as valkey, House(sqlite_factory.fresh(folder), valkey, folder, **settings) as house:
        yield house


@pytest.fixture
def visitor(chromium: Browser, film_house: House) -> Iterator[Visitor]:
    """Somebody with a browser of their own at this house."""
    visitor = Visitor(chromium, film_house)
    yield visitor
    visitor.close()


@pytest.fixture
def student(film_house: House) -> Student:
    """Somebody with money in the wallet."""
    return Student(film_house.url)


@pytest.fixture(scope="session")
def course(film_house: House) -> dict[str, Any]:
    """A published course whose one video was uploaded and packaged: 172 s."""
    teacher = Teacher(film_house.url)
    about = {"title": "Interest", "description": "How money grows.", "category": "Mathematics"}
    draft = teacher.post("/courses", {**about, "price_per_minute": "1.00"}, status=201)
    send_video(film_house.url, draft["id"], teacher, FILM)

    def status() -> str:
        return str(teacher.get(f"/courses/{draft['id']}")["videos"][0]["status"])

    wait_until(lambda: status() in ("ready", "failed"), within_s=PACKAGED_WITHIN_S, what="packaging")
    assert status() == "ready"
    return teacher.post(f"/courses/{draft['id']}/publish")


def send_video(url: str, course_id: str, teacher: Teacher, path: Path, **fields: str) -> None:
    """Upload a video as a teacher's page would."""
    answer = send_form(
        f"{url}/api/v1/courses/{course_id}/videos",
        teacher,
        ("lecture.mp4", path.read_bytes(), "video/mp4"),
        **fields,
    )
    assert answer.status_code == 202, answer.text


def send_captions(url: str, course_id: str, video_id: str, teacher: Teacher) -> None:
    """Give a video captions in English."""
    address = f"{url}/api/v1/courses/{course_id}/videos/{video_id}/captions"
    answer = send_form(
        address, teacher, ("en.vtt", CAPTIONS.encode(), "text/vtt"), language="en", label="English"
    )
    assert answer.status_code == 201, answer.text


def send_form(address: str, teacher: Teacher, file: tuple[str, bytes, str], **fields: str) -> httpx.Response:
    """Send a form with a file."""
    headers = {"Authorization": f"Bearer {teacher.token}"}
    return httpx.post(
        address, data=fields, files={"file": file}, headers=headers, timeout=60, trust_env=False
    )
