"""Replaying the recordings: what was sent then is sent now, with the ids and signatures of now."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from coincurve import PrivateKey

from murph.gateways.payment.simulator import ethereum
from murph.gateways.payment.simulator.amounts import millionths
from tests.support.simulator import Simulator

DATA = Path(__file__).parent / "data"
FIRST_MERCHANT = {"X-API-Key": "sk_hackathon_aaaa"}
PAYER = PrivateKey(b"\x07" * 32)
SIGNER = "0x1AFEF6573d669cb5A4d0D3cfF44bCB749e2706Ea"
"""Whose key made the recorded signatures; it was not recorded."""

A_PAUSE_S = 1.0
A_WHILE_S = 15.0
_ID = re.compile(r"(?:intent_)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VALUES = ("status", "settlementStatus", "orderStatus", "releaseType", "code", "object", "error")


@dataclass(frozen=True)
class Pair:
    """One request and what was answered."""

    file: str
    number: int
    name: str
    request: dict[str, Any]
    status: int
    response: Any

    @property
    def label(self) -> str:
        """Where to find it."""
        return f"{self.file}[{self.number}] {self.name}: {self.request['method']} {self.request['path']}"

    @property
    def is_burst(self) -> bool:
        """Whether it ran beside others."""
        return self.file == "recorded-3.json"


def recorded() -> list[Pair]:
    """Return every pair in the order in which the requests must have been sent."""
    found = []
    for path in sorted(DATA.glob("*.json")):
        for number, entry in enumerate(json.loads(path.read_text())):
            found.append(Pair(file=path.name, number=number, **entry))
    return _causes_first(found)


def _causes_first(pairs: list[Pair]) -> list[Pair]:
    """Put a transaction before the first answer that knows it: answers were written down as they came."""
    ordered: list[Pair] = []
    for pair in pairs:
        place = len(ordered)
        if pair.is_burst and pair.name == "tx":
            hint = pair.response["id"]
            for index, earlier in enumerate(ordered):
                if earlier.request["path"].endswith(hint) and earlier.response["data"]["transactionHash"]:
                    place = index
                    break
        ordered.insert(place, pair)
    return ordered


@dataclass
class Replay:
    """A conversation with the simulator that remembers which id of then is which now."""

    simulator: Simulator
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the connection."""
        self._http = httpx.Client(base_url=self.simulator.api_url, trust_env=False, verify=False, timeout=10)

    def differences(self, pair: Pair) -> list[str]:
        """Send the request and return how the answer differs; time passes until it no longer does."""
        found: list[str] = []
        for _ in range(4):
            found = self._send(pair)
            if not found or pair.request["method"] != "GET":
                break
            self.simulator.let_time_pass(A_WHILE_S)
        if not pair.is_burst and pair.request["path"].endswith("/transaction-hash"):
            self.simulator.let_time_pass(A_PAUSE_S)
        return found

    def _send(self, pair: Pair) -> list[str]:
        request = pair.request
        headers = request.get("headers", {} if "/public/" in request["path"] else FIRST_MERCHANT)
        body = request.get("body")
        answer = self._http.request(
            request["method"],
            self._now(request["path"]),
            headers=headers,
            content=body if isinstance(body, str) else None,
            json=self._body(pair) if isinstance(body, dict) else None,
        )
        live = answer.json()
        self._remember(pair.response, live)
        status = [] if answer.status_code == pair.status else [f"{answer.status_code}, not {pair.status}"]
        return [*status, *compared(pair.response, live)]

    def _body(self, pair: Pair) -> Any:
        body = json.loads(self._now(json.dumps(pair.request["body"])))
        if body.get("signature", "").startswith("0xe211"):
            body["signature"] = self._signature(pair.request["path"].split("/")[2])
        if body.get("payerAddress") == SIGNER:
            body["payerAddress"] = ethereum.address(PAYER.public_key)
        if "timeLockUntil" in (body.get("metadata") or {}):
            body["metadata"]["timeLockUntil"] = str(int(self.simulator.state()["now"]) + 3)
        return body

    def _signature(self, intent_id: str) -> str:
        digest = ethereum.digest(self.ids[intent_id], millionths("30.00"))
        raw = PAYER.sign_recoverable(digest, hasher=None)
        return "0x" + raw[:64].hex() + f"{raw[64] + 27:02x}"

    def _now(self, text: str) -> str:
        return _ID.sub(lambda found: self.ids.get(found[0], found[0]), text)

    def _remember(self, then: Any, now: Any) -> None:
        if isinstance(then, dict) and isinstance(now, dict) and "id" in then and "id" in now:
            self.ids.setdefault(then["id"], now["id"])


def compared(then: Any, now: Any, path: str = "") -> list[str]:
    """Return where two answers differ: in keys, in types, in the words that mean a state."""
    if isinstance(then, dict) and isinstance(now, dict):
        if then.keys() != now.keys():
            return [f"{path}: keys {sorted(then.keys() ^ now.keys())} are not in both"]
        return [text for key in then for text in compared(then[key], now[key], f"{path}.{key}")]
    if isinstance(then, list) and isinstance(now, list):
        return list(_compared_lists(then, now, path))
    if type(then) is not type(now):
        return [f"{path}: {type(now).__name__}, not {type(then).__name__}"]
    if path.rpartition(".")[2] in _VALUES and then != now:
        return [f"{path}: {now}, not {then}"]
    return []


def _compared_lists(then: list[Any], now: list[Any], path: str) -> Iterator[str]:
    """Every element must look like some recorded one; how many there are is chance in the bursts."""
    if bool(then) != bool(now):
        yield f"{path}: {len(now)} elements, not {len(then)}"
    for index, element in enumerate(now):
        reasons = [compared(known, element, f"{path}[{index}]") for known in then]
        if then and all(reasons):
            yield from min(reasons, key=len)
