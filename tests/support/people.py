"""People who use a running Murph from outside, over HTTP and WebSocket only."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import count
from typing import Any, TypeVar

import httpx

from tests.support.player import Player
from tests.support.processes import wait_until

T = TypeVar("T")
R = TypeVar("R")

PASSWORD = "correct horse battery"
PRICE = "3.07"
PRICE_MINOR = 307
"""Divides no second evenly, so that a rounding error shows."""
FEE_BPS = 2_000
VIDEO_SECONDS = 600

_numbers = count(1)


class Person:
    """A signed-in account and what it asks of one server."""

    def __init__(self, url: str, user_type: str) -> None:
        self.email = f"{user_type}{next(_numbers)}@example.org"
        # Each request on a connection of its own: an idle one may be closed just as it is used again.
        alone = httpx.Limits(max_keepalive_connections=0)
        self._api = httpx.Client(base_url=f"{url}/api/v1", timeout=60, limits=alone, trust_env=False)
        account = {"email": self.email, "password": PASSWORD, "name": user_type, "user_type": user_type}
        signed_in = self.post("/auth/register", account, status=201)
        self.id: str = signed_in["user"]["id"]
        self.token: str = signed_in["access_token"]
        self._api.headers["Authorization"] = f"Bearer {self.token}"

    def sign_in_again(self) -> None:
        """Get a new access token with the password."""
        signed_in = self.post("/auth/login", {"email": self.email, "password": PASSWORD})
        self.token = signed_in["access_token"]
        self._api.headers["Authorization"] = f"Bearer {self.token}"

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send one request and return whatever is answered."""
        return self._api.request(method, path, json=body)

    def post(self, path: str, body: object = None, *, status: int = 200) -> dict[str, Any]:
        """Post, and return the answer, which must have this status."""
        return _expected(self.ask("POST", path, body), status)

    def get(self, path: str) -> dict[str, Any]:
        """Return what stands at a path."""
        return _expected(self.ask("GET", path), 200)

    @property
    def balance(self) -> dict[str, Any]:
        """Return the wallet's figures."""
        return self.get("/payments/wallet/balance")


class Teacher(Person):
    """Somebody who offers a course."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "teacher")

    def publish(self, *, price: str = PRICE) -> dict[str, Any]:
        """Return a published course with one external video of ten minutes in two lectures."""
        half = VIDEO_SECONDS // 2
        lectures = [
            {"title": "One", "video_timestamp_start": 0, "video_timestamp_end": half},
            {"title": "Two", "video_timestamp_start": half, "video_timestamp_end": VIDEO_SECONDS},
        ]
        body = {
            "title": "Compound interest",
            "description": "How money grows when interest earns interest.",
            "category": "Mathematics",
            "price_per_minute": price,
            "content_structure": {"lectures": lectures, "video_url": "https://videos.example.org/v.mp4"},
        }
        course = self.post("/courses", body, status=201)
        return self.post(f"/courses/{course['id']}/publish")


class Student(Person):
    """Somebody who watches, with money in the wallet."""

    def __init__(self, url: str, *, money: str | None = "100.00") -> None:
        super().__init__(url, "student")
        self._url = url
        if money is not None:
            self.pay_in(money)

    def pay_in(self, amount: str) -> None:
        """Top the wallet up through the sandbox's payment page."""
        top_up = self.post("/payments/topups", {"amount": amount}, status=201)
        page = httpx.URL(top_up["payment_url"]).raw_path.decode()
        _expected(self._api.post(f"{self._url}{page}", json={"action": "confirm"}), 200)

    def start(self, course: dict[str, Any], **body: Any) -> dict[str, Any]:
        """Lock money and start the clock."""
        return self.post("/sessions/start", {"course_id": course["id"], **body}, status=201)

    def play(self, session: dict[str, Any]) -> Player:
        """Connect a player, whose meter is open."""
        player = Player(session["ws_url"], token=self.token)
        player.ready()
        return player

    def end(self, session: dict[str, Any]) -> dict[str, Any]:
        """End a session and return what it came to."""
        return self.post(f"/sessions/{session['id']}/end")

    def status(self, session: dict[str, Any]) -> dict[str, Any]:
        """Return how a session stands."""
        return self.get(f"/sessions/{session['id']}/status")

    def settled(self, session: dict[str, Any], *, within_s: float = 30) -> dict[str, Any]:
        """Return a session's receipt once a worker has settled it."""
        wait_until(lambda: self.status(session)["settled_at"], within_s=within_s, what="settlement")
        return self.get(f"/sessions/{session['id']}/receipt")


def _expected(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    found: dict[str, Any] = answer.json()
    return found


def side_by_side(action: Callable[[T], R], items: Iterable[T], *, at_once: int = 8) -> list[R]:
    """Return what `action` makes of each of these, done several at a time."""
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(action, items))


@cache
def crowd_at(url: str) -> list[Student]:
    """Return fifty students of this server, none of whom has a live session between two tests."""
    return side_by_side(lambda _: Student(url), range(50))


def price_of(used_seconds: int, *, price_minor: int = PRICE_MINOR) -> int:
    """Return what so many seconds cost, in cents: the formula, written once more by hand."""
    return used_seconds * price_minor // 60


def money(minor: int) -> str:
    """Write cents as the API does."""
    return f"{minor // 100}.{minor % 100:02d}"


def cents(amount: str) -> int:
    """Read an amount of the API into cents."""
    whole, places = amount.split(".")
    return int(whole) * 100 + int(places)


@cache
def course_at(url: str) -> dict[str, Any]:
    """Return a course to watch at this server, the same one to everybody who does not mind."""
    return Teacher(url).publish()
