"""A real Chromium plays a gated video through hls.js, as far as it pays and no further."""

from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.support.house import House
from tests.support.people import Student
from tests.support.processes import wait_until

EXPOSURE_S = 24
FASTEST = 2


class Watcher:
    """A student with the page open."""

    def __init__(self, browser: Browser, origin: str, house: House, course: dict[str, Any]) -> None:
        self.page: Page = browser.new_page()
        self.keys_answered: Counter[int] = Counter()
        self.page.on("response", self._count)
        self._origin, self._course = origin, course
        self.student = Student(house.url)

    def watch(self, *, locked: str = "30.00", ticks: bool = True, rate: float = 1) -> None:
        """Start a session and let the page play."""
        self.session = self.student.start(self._course, locked_amount=locked)
        video = self._course["videos"][0]["id"]
        found = self.student.get(f"/courses/{self._course['id']}/videos/{video}/url")
        assert (found["type"], found["gated"]) == ("hls", True)
        options = {
            "url": found["url"],
            "socketUrl": self.session["ws_url"],
            "token": self.student.token,
            "ticks": ticks,
            "rate": rate,
        }
        self.page.goto(f"{self._origin}/player.html")
        self.page.wait_for_function("() => window.play !== undefined")
        self.page.evaluate("options => window.play(options)", options)

    def _count(self, response: Response) -> None:
        if "/k/" in response.url:
            self.keys_answered[response.status] += 1

    def look(self) -> dict[str, Any]:
        """Return what the page has seen."""
        found: dict[str, Any] = self.page.evaluate("() => window.look()")
        return found

    @property
    def position_s(self) -> float:
        """Where the picture stands."""
        return float(self.look()["position"])

    def stands_still(self) -> bool:
        """Tell whether the picture does not move for three seconds."""
        before = self.position_s
        self.page.wait_for_timeout(3_000)
        return before == self.position_s

    @property
    def delivered_s(self) -> float:
        """How much the receipt says was delivered."""
        receipt = self.student.get(f"/sessions/{self.session['id']}/receipt")
        return float(sum(each["end_ms"] - each["begin_ms"] for each in receipt["deliveries"])) / 1000


@pytest.fixture
def watcher(chromium: Browser, page_origin: str, film_house: House, course: dict[str, Any]) -> Any:
    watcher = Watcher(chromium, page_origin, film_house, course)
    yield watcher
    watcher.page.close()


@pytest.mark.torture  # beside the one that stops, which plays until then
def test_it_plays_on_while_the_meter_follows(watcher: Watcher) -> None:
    watcher.watch(rate=2)
    wait_until(lambda: watcher.position_s > 75, within_s=60, what="75 s of video at double speed")
    seen = watcher.look()
    assert seen["fatal"] is None
    assert seen["acks"] > 10
    assert watcher.delivered_s <= EXPOSURE_S + FASTEST * (seen["creditedSeconds"] + 2)


def test_without_reports_the_picture_halts(watcher: Watcher) -> None:
    watcher.watch(ticks=False, rate=2)
    wait_until(lambda: watcher.position_s > EXPOSURE_S - 3, within_s=30, what="what is given in advance")
    wait_until(watcher.stands_still, within_s=20, what="the halt")
    assert watcher.position_s <= EXPOSURE_S + 1
    assert watcher.keys_answered[403] >= 1
    assert watcher.delivered_s <= EXPOSURE_S


def test_it_stops_when_the_money_is_used_up(watcher: Watcher) -> None:
    watcher.watch(locked="0.20")  # 12 s
    wait_until(lambda: watcher.look()["over"] == "funds_exhausted", within_s=40, what="the end of the money")
    wait_until(watcher.stands_still, within_s=60, what="the end of the picture")
    assert watcher.position_s <= EXPOSURE_S + FASTEST * 12
    assert watcher.delivered_s <= EXPOSURE_S + FASTEST * 12
    assert watcher.keys_answered[403] >= 1
    assert watcher.student.status(watcher.session)["cost"] == "0.20"
