"""A house in processes of its own whose teachers upload films, over HTTP only."""

import os
import subprocess
import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
from Crypto.Cipher import AES
from Crypto.Util.Padding import unpad
from sqlalchemy import update

from murph.core.db import db
from murph.media.models import PROCESSING, Asset
from tests.support.house import House
from tests.support.people import Teacher
from tests.support.processes import ROOT, wait_until

WITHIN_S = 120
_HTTP = httpx.Client(trust_env=False, timeout=60)


class Filmmaker(Teacher):
    """A teacher with a draft."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        about = {"title": "Films", "description": "Moving pictures.", "category": "Mathematics"}
        self.course = self.post("/courses", {**about, "price_per_minute": "1.00"}, status=201)

    def upload(self, path: Path, *, name: str = "") -> str:
        """Send a file; return the id of the video it is to become."""
        with path.open("rb") as file:
            answer = self._api.post(
                f"/courses/{self.course['id']}/videos", files={"file": (name or path.name, file, "video/mp4")}
            )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    @property
    def videos(self) -> Mapping[str, dict[str, Any]]:
        """The videos of the draft by their ids."""
        return {each["id"]: each for each in self.get(f"/courses/{self.course['id']}")["videos"]}

    def processed(self, *video_ids: str) -> list[dict[str, Any]]:
        """Wait until these are ready or have failed, and return them."""

        def done() -> bool:
            videos = self.videos
            return all(videos[each]["status"] in ("ready", "failed") for each in video_ids)

        wait_until(done, within_s=WITHIN_S, what="processing")
        return [self.videos[each] for each in video_ids]

    def address(self, video_id: str) -> str:
        """Return where the owner's preview plays."""
        return str(self.get(f"/courses/{self.course['id']}/videos/{video_id}/url")["url"])


def fetched(address: str, **headers: str) -> httpx.Response:
    """Fetch something that a player would."""
    return _HTTP.get(address, headers=headers)


def film_behind(playlist_url: str) -> tuple[bytes, float]:
    """Fetch a playlist, its keys and its segments; return the film in the clear and its announced length."""
    key, film, lasting_s, number = b"", b"", 0.0, 0
    for line in fetched(playlist_url).text.splitlines():
        if line.startswith("#EXT-X-KEY"):
            answer = fetched(urljoin(playlist_url, line.split('URI="')[1].split('"')[0]))
            assert (answer.status_code, len(answer.content)) == (200, 16)
            key = answer.content
        elif line.startswith("#EXTINF:"):
            lasting_s += float(line.removeprefix("#EXTINF:").rstrip(","))
        elif line and not line.startswith("#"):
            sealed = fetched(urljoin(playlist_url, line)).content
            cipher = AES.new(key, AES.MODE_CBC, iv=number.to_bytes(16, "big"))
            film += unpad(cipher.decrypt(sealed), 16)
            number += 1
    return film, lasting_s


def lasts_s(path: Path) -> float:
    """Return how long a file plays, as ffprobe says."""
    entries = ("-show_entries", "format=duration", "-of", "csv=p=0")
    said = subprocess.run(["ffprobe", "-v", "error", *entries, path], capture_output=True, check=True)
    return float(said.stdout)


def left_on_the_way(house: House) -> list[Path]:
    """Return what lies in the folders for files that are on their way."""
    folder = Path(house.env["INSTANCE_PATH"])
    return [path for name in ("scratch", "spool") for path in (folder / name).glob("*")]


def assert_tidy(house: House) -> None:
    """See that rows and objects agree, and that nothing is left on the way."""
    assert house.flask("media", "verify") == {"objects": [], "deliveries": []}
    assert left_on_the_way(house) == []


def let_claims_lapse(house: House) -> None:
    """Do as if the makers of all claimed assets had been silent for two minutes."""
    with house.app.app_context():
        long_ago = Asset.updated_at
        db.session.execute(update(Asset).where(Asset.state == PROCESSING).values(claimed_until=long_ago))
        db.session.commit()
        db.session.remove()
    house.ring("media.package")


def process(house: House, *asset_ids: str) -> None:
    """Run ``flask media process`` in a process of its own."""
    command = [str(Path(sys.executable).with_name("flask")), "media", "process", *asset_ids]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **house.env}, check=True, timeout=WITHIN_S)


def is_made(house: House) -> bool:
    """Tell whether some asset is being made."""
    return bool(house.rows("SELECT 1 FROM asset WHERE state = 'processing'"))


def segments_by_key(playlist: str) -> list[int]:
    """Return how many segments each key of a playlist opens."""
    lines = [line for line in playlist.splitlines() if line.startswith(("#EXT-X-KEY", "s/"))]
    return [len(list(run)) for is_key, run in groupby(lines, lambda line: line[0] == "#") if not is_key]
