"""Students who want a film without paying for it, and one who pays; each keeps what was ever delivered."""

import hashlib
import subprocess
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from flask import current_app

from murph.core import clock
from murph.core.ids import new_id
from murph.course import service as course_service
from murph.gateways.storage import storage
from murph.media import service
from murph.media.service import StoredUpload
from murph.media.workshop import Workshop
from tests.delivery.builders import add_film
from tests.support.clips import EVERY_2_S, H264, make, picture, sound
from tests.support.house import House
from tests.support.people import PRICE, Student, Teacher

RATE = 15
FILM_S, WINDOWS = 36, 3


@cache
def clip(folder: Path) -> Path:
    """Return half a minute of video and sound in four-second segments, three to a window."""
    target = folder / "film.mp4"
    inputs = (picture(FILM_S, size="160x90", rate=str(RATE)), sound(FILM_S))
    return make(target, *inputs, H264, EVERY_2_S, "-c:a aac -shortest -movflags +faststart")


@cache
def film_at(house: House) -> dict[str, Any]:
    """Return a course of this house whose video was really packaged."""
    teacher, draft = _draft(house)
    with house.app.app_context():
        content = clip(Path(house.env["INSTANCE_PATH"])).read_bytes()
        upload = StoredUpload(new_id(), hashlib.sha256(content).hexdigest(), len(content), "film.mp4")
        service.reserve(prefix=service.prefix(upload.asset_id), at=clock.now())
        storage().put(upload.key, content, content_type="video/mp4")
        course_service.add_uploaded_video(
            course_id=UUID(draft["id"]),
            teacher_id=UUID(teacher.id),
            title="A film",
            upload=upload,
            at=clock.now(),
        )
        Workshop.from_config(current_app.config, storage=storage()).make_next(asset_id=upload.asset_id)
    return teacher.post(f"/courses/{draft['id']}/publish")


@cache
def long_film_at(house: House, mode: str) -> dict[str, Any]:
    """Return a course of this house whose video has twenty windows, and nothing in them."""
    teacher, draft = _draft(house)
    with house.app.app_context():
        add_film(draft, UUID(teacher.id), windows=20, mode=mode)
    return teacher.post(f"/courses/{draft['id']}/publish")


def _draft(house: House) -> tuple[Teacher, dict[str, Any]]:
    teacher = Teacher(house.url)
    body = {"title": "A film", "description": "It moves.", "category": "Science", "price_per_minute": PRICE}
    return teacher, teacher.post("/courses", body, status=201)


class Viewer:
    """One student at one film, with the keys of all sessions."""

    def __init__(self, house: House, course: dict[str, Any]) -> None:
        self.course, self.student = course, Student(house.url)
        self.keys: dict[int, bytes] = {}
        self._http = httpx.Client(timeout=60, trust_env=False)

    def start(self) -> dict[str, Any]:
        """Start a session, and ask where the film is."""
        session = self.student.start(self.course)
        self.find()
        return session

    def find(self) -> str:
        """Ask where the film is, and return it."""
        video = self.course["videos"][0]["id"]
        self.url = str(self.student.get(f"/courses/{self.course['id']}/videos/{video}/url")["url"])
        return self.url

    def fetch(self, name: str) -> httpx.Response:
        """Fetch something that stands beside the playlist."""
        return self._http.get(f"{self.url.rpartition('/')[0]}/{name}")

    def take(self, window: int) -> httpx.Response:
        """Ask for a key, and keep it if it comes."""
        answer = self.fetch(f"k/{window}")
        if answer.status_code == 200:
            self.keys[window] = answer.content
        return answer

    def decoded_s(self, folder: Path) -> float:
        """Return how many seconds of the film ffmpeg makes of the keys that came."""
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:9"]
        for number, window in enumerate(_windows(self.fetch_again().text)):
            if window in self.keys:
                (folder / f"{window}.key").write_bytes(self.keys[window])
                (folder / f"{number}.ts").write_bytes(self.fetch(f"s/{number}.ts").content)
                lines += [f'#EXT-X-KEY:METHOD=AES-128,URI="{window}.key",IV=0x{number:032x}']
                lines += ["#EXTINF:4,", f"{number}.ts"]
        (folder / "local.m3u8").write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))
        command = ["ffmpeg", "-v", "error", "-y", "-allowed_extensions", "ALL", "-i", "local.m3u8"]
        subprocess.run([*command, "-c", "copy", "out.ts"], cwd=folder, check=True, timeout=60)
        return playable_s(folder / "out.ts")

    def fetch_again(self) -> httpx.Response:
        """Fetch the playlist of a session that is live, starting one if need be."""
        answer = self.fetch("index.m3u8")
        if answer.status_code != 200:
            session = self.start()
            answer = self.fetch("index.m3u8")
            self.student.end(session)
        return answer


def _windows(playlist: str) -> list[int]:
    """Return the window of each segment of a playlist."""
    found, window = [], -1
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-KEY"):
            window = int(line.rpartition("k/")[2].rstrip('"'))
        elif line.startswith("s/"):
            found.append(window)
    return found


def playable_s(path: Path) -> float:
    """Return how many seconds of pictures can be decoded."""
    if not path.exists() or path.stat().st_size == 0:
        return 0
    options = "-v quiet -count_frames -select_streams v:0 -show_entries stream=nb_read_frames -of csv=p=0"
    done = subprocess.run(
        ["ffprobe", *options.split(), str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    counts = [int(word) for word in done.stdout.replace(",", " ").split() if word.isdigit()]
    return max(counts, default=0) / RATE
