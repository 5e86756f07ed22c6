"""Sending events, signed as documented, again and again until somebody says that they arrived."""

import hashlib
import hmac
import json
import queue
import threading
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import structlog

from murph.gateways.payment.finternet.webhook import SIGNATURE_HEADER
from murph.gateways.payment.simulator.world import World

TIMEOUT_S = 10.0
OVERTAKEN_BY_S = 5.0

log = structlog.get_logger(__name__)


@dataclass
class Delivery:
    """One event on its way; `attempt` counts from 0."""

    body: bytes
    attempt: int = 0


class Sender:
    """Tells the merchant's server what happened, outside the lock and in a thread of its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ready: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._http = httpx.Client(timeout=TIMEOUT_S, trust_env=False)
        self._counted = 0
        self.sent = 0
        self.failed = 0

    def start(self) -> None:
        """Begin to send what is announced from now on."""
        self._world.announce = self.announce
        threading.Thread(target=self._run, name="webhooks", daemon=True).start()

    def announce(self, kind: str, thing: dict[str, Any]) -> None:
        """Put an event on its way; the caller holds the world's lock."""
        faults, self._counted = self._world.faults, self._counted + 1
        overtaken = faults.reorder_webhooks and self._counted % 2 == 1
        body = self._body(kind, thing)
        for _ in range(2 if faults.duplicate_webhooks else 1):
            self._later(OVERTAKEN_BY_S if overtaken else 0.0, Delivery(body))

    def _body(self, kind: str, thing: dict[str, Any]) -> bytes:
        event = {
            "id": f"evt_{uuid4().hex}",
            "object": "event",
            "type": kind,
            "data": {"object": thing},
            "created": int(self._world.clockwork.now()),
        }
        return json.dumps(event).encode()

    def _later(self, delay_s: float, delivery: Delivery) -> None:
        if delay_s:
            self._world.clockwork.after(delay_s, lambda: self._ready.put(delivery))
        else:
            self._ready.put(delivery)

    def _run(self) -> None:
        while True:
            delivery = self._ready.get()
            if self._arrives(delivery):
                self.sent += 1
                continue
            self.failed += 1
            waits_s = self._world.options.webhook_retries_s
            if delivery.attempt < len(waits_s):
                self._later(waits_s[delivery.attempt], Delivery(delivery.body, delivery.attempt + 1))

    def _arrives(self, delivery: Delivery) -> bool:
        options = self._world.options
        signature = hmac.new(options.webhook_secret.encode(), delivery.body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER.lower(): signature}
        try:
            answer = self._http.post(options.webhook_url, content=delivery.body, headers=headers)
        except httpx.HTTPError as error:
            self._warn(type(error).__name__, delivery)
            return False
        if not answer.is_success:
            self._warn(str(answer.status_code), delivery)
        return answer.is_success

    def _warn(self, why: str, delivery: Delivery) -> None:
        url, mend = self._world.options.webhook_url, "is Murph running there? else name it with --webhook-url"
        log.warning("webhook.not_delivered", why=why, url=url, attempt=delivery.attempt, mend=mend)
