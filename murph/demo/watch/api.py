"""The REST side of the demo's player."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self

import httpx

from murph.core.money import places

Document = dict[str, Any]

TIMEOUT_S = 20


class WatchError(Exception):
    """Why the demo cannot go on, in one line for the person at the terminal."""


class Refused(WatchError):
    """The server refused a request."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        self.status, self.code = status, code
        super().__init__(detail)


class Api:
    """A signed-in client; every answer that is not a success is a Refused."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.token = ""
        self._http = httpx.Client(base_url=self.url, timeout=TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def sign_in(self, email: str, password: str) -> Document:
        """Sign in for all that follows; return the account."""
        answer = self.post("/auth/login", {"email": email, "password": password})
        self.token = answer["access_token"]
        self._http.headers["Authorization"] = f"Bearer {self.token}"
        user: Document = answer["user"]
        return user

    def get(self, path: str, **query: str) -> Document:
        """Return what is at a path of the API."""
        return self._answer("GET", f"/api/v1{path}", params=query)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Document:
        """Send `body` to a path of the API."""
        return self._answer("POST", f"/api/v1{path}", json=body or {})

    def confirm_payment(self, payment_url: str) -> Document:
        """Press the button on the sandbox's payment page."""
        return self._answer("POST", payment_url, json={"action": "confirm"})

    def first_bytes(self, url: str, *, count: int) -> httpx.Response:
        """Ask for the beginning of a file, as `fetch` does."""
        return self.fetch(url, Range=f"bytes=0-{count - 1}")

    def fetch(self, url: str, **headers: str) -> httpx.Response:
        """Ask for what a playback address leads to, without our token: it needs none."""
        with httpx.Client(timeout=TIMEOUT_S) as plain:
            return self._reach(plain, "GET", url, headers=headers)

    def _answer(self, method: str, url: str, **request: Any) -> Document:
        response = self._reach(self._http, method, url, **request)
        if not response.is_success:
            raise _refusal(response)
        document: Document = response.json()
        return document

    def _reach(self, client: httpx.Client, method: str, url: str, **request: Any) -> httpx.Response:
        try:
            return client.request(method, url, **request)
        except httpx.ConnectError as error:
            raise WatchError(f"No server at {self.url}. Start it with: make run") from error
        except httpx.TransportError as error:
            raise WatchError(f"The server at {self.url} does not answer: {error}") from error
        except httpx.InvalidURL as error:
            raise WatchError(f"{self.url} is not an address: {error}") from error


def _refusal(response: httpx.Response) -> Refused:
    if response.headers.get("Content-Type") != "application/problem+json":
        return Refused(response.status_code, "unknown", f"{response.url} answers {response.status_code}.")
    problem = response.json()
    return Refused(response.status_code, problem["code"], problem["detail"])


def minor(amount: str, currency: str) -> int:
    """Read an amount of an answer into minor units."""
    return int(Decimal(amount).scaleb(places(currency)))
