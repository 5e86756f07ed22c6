"""Speaking HTTP with Finternet: one connection per conversation, every refusal in one shape."""

import json
import random
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog

from murph.core.db import release_connection
from murph.gateways.payment.port import GatewayUnavailable, NotDone

API_PATH = "/api/v1"
MAX_ANSWER_BYTES = 4 * 1024 * 1024
GET_ATTEMPTS = 3
MAX_RETRY_AFTER_S = 3600

_VISIBLE = re.compile(r"[!-~]+")

log = structlog.get_logger(__name__)


@dataclass
class Refusal(Exception):
    """What the gateway answered instead of what was asked for."""

    status: int
    code: str
    message: str
    retry_after_s: int | None = None

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.status), self.code, self.message) if part)


def api_url(url: str) -> str:
    """Return the full prefix of the API; an address without a path gets ``/api/v1``.

    Raises:
        ValueError: it is no address of an HTTP server.
    """
    stripped = url.rstrip("/")
    parts = urlsplit(stripped)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("the gateway's address must be like https://host or https://host/api/v1")
    return stripped if parts.path else stripped + API_PATH


class Client:
    """The gateway's HTTP API under one merchant's key, which is never logged or shown."""

    def __init__(self, *, base_url: str, api_key: str) -> None:
        if not _VISIBLE.fullmatch(api_key):  # httpx would quote the whole key in its complaint
            raise ValueError("the gateway's key must consist of visible ASCII characters")
        self._url = api_url(base_url)
        self._headers = {"X-API-Key": api_key, "Accept": "application/json"}
        self._tls = _tls() if self._url.startswith("https:") else False

    @contextmanager
    def conversation(self, *, timeout_s: float) -> Iterator["Conversation"]:
        """Open a connection for some requests; none is kept, as a forked worker would share it.

        Together they take no longer than `timeout_s`.

        Raises:
            RuntimeError: inside a transaction, which must not wait for a network.
        """
        release_connection()
        with httpx.Client(
            base_url=self._url,
            headers=self._headers,
            verify=self._tls,
            trust_env=False,  # a proxy from the environment would see the key
        ) as http:
            yield Conversation(http, give_up_at=time.monotonic() + timeout_s)


class Conversation:
    """Requests over one connection, which together take no longer than the timeout."""

    def __init__(self, http: httpx.Client, *, give_up_at: float) -> None:
        self._http = http
        self._give_up_at = give_up_at

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """Return the answer, asking again when none came: asking changes nothing.

        Raises:
            Refusal: the gateway answered with an error that repeating does not mend.
            GatewayUnavailable: there was no usable answer.
        """
        for attempt in range(1, GET_ATTEMPTS):
            try:
                return self._ask("GET", path, params=query)
            except GatewayUnavailable:
                pause_s = random.uniform(0.5, 1.5) * 0.1 * 2**attempt
                if time.monotonic() + pause_s >= self._give_up_at:
                    raise
                time.sleep(pause_s)
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        """Return the answer to a request that is sent once only, as it may have worked unheard.

        Raises:
            Refusal: the gateway answered with an error.
            NotDone: there was no connection.
            GatewayUnavailable: there was no usable answer; it may have happened.
        """
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": key})

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        status, content, retry_after = self._exchange(method, path, **request)
        body = _json(content)
        if status in (200, 201) and isinstance(body, dict):
            return body
        refusal = _refusal(status, body, retry_after)
        log.warning("gateway.refused", method=method, path=path, status=status, code=refusal.code)
        if status < 400 or status >= 500:
            raise GatewayUnavailable
        raise refusal

    def _exchange(self, method: str, path: str, **request: Any) -> tuple[int, bytes, str | None]:
        try:
            with self._http.stream(method, path, timeout=self._time_left_s(), **request) as response:
                content = self._read(response)
                return response.status_code, content, response.headers.get("Retry-After")
        except (httpx.RequestError, httpx.InvalidURL) as error:
            log.warning("gateway.unreachable", method=method, path=path, error=type(error).__name__)
            never_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            raise (NotDone if never_sent else GatewayUnavailable) from error

    def _time_left_s(self) -> float:
        return max(0.001, self._give_up_at - time.monotonic())

    def _read(self, response: httpx.Response) -> bytes:
        """Read an answer that may be neither endless nor endlessly slow."""
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_ANSWER_BYTES or time.monotonic() > self._give_up_at:
                raise GatewayUnavailable
        return bytes(content)


def _tls() -> ssl.SSLContext:
    """Return what every connection shares, as making it takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _refusal(status: int, body: Any, retry_after: str | None) -> Refusal:
    """Put the three shapes of error (flat, nested, the framework's) into one."""
    flat = body if isinstance(body, dict) else {}
    nested = flat.get("error")
    fields = nested if isinstance(nested, dict) else flat
    message = fields.get("message")
    if isinstance(message, list):
        message = "; ".join(map(str, message))
    wait = fields.get("retryAfter", retry_after)
    return Refusal(status, str(fields.get("code") or ""), str(message or ""), _seconds(wait))


def _seconds(value: object) -> int | None:
    text = str(value)
    return min(int(text), MAX_RETRY_AFTER_S) if re.fullmatch("[0-9]{1,6}", text, re.ASCII) else None
