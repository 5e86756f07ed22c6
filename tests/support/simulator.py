"""The payment gateway's simulator as a process of its own."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from murph.gateways.payment.finternet import Finternet
from tests.support.processes import Child

KEY = "sk_test_" + "a" * 32
SECRET = "whsec_of_the_tests"
CLOSED_KEY = "sk_test_cccc"
RECORDED_KEYS = ("sk_hackathon_aaaa", "sk_test_bbbb")
LONG_AFTER_S = 60.0
"""More than any delay that the simulator is started with."""

_HTTP = httpx.Client(trust_env=False, verify=False)


@dataclass(frozen=True)
class Simulator:
    """A running simulator, its switches, and its clients."""

    origin: str
    child: Child

    @property
    def api_url(self) -> str:
        """What ``FINTERNET_API_URL`` takes."""
        return f"{self.origin}/api/v1"

    def client(self, *, key: str = KEY, timeout_s: float = 10.0) -> Finternet:
        """Return the real client, speaking to this simulator."""
        return Finternet(base_url=self.origin, api_key=key, timeout_s=timeout_s)

    def control(self, path: str = "", /, **body: Any) -> dict[str, Any]:
        """Use a switch and return what the simulator says."""
        answer = _HTTP.post(f"{self.origin}/_control{path}", json=body)
        assert answer.is_success, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def pay(self, payment_id: str, *, by: str = "card") -> None:
        """Pay as the payer would."""
        self.control(f"/intents/{payment_id}/pay", by=by)

    def let_time_pass(self, seconds: float = LONG_AFTER_S) -> None:
        """Advance the simulator's clock, with everything that falls due."""
        self.control("/advance", seconds=seconds)

    def state(self) -> dict[str, Any]:
        """Return its switches and counts."""
        shown: dict[str, Any] = _HTTP.get(f"{self.origin}/_control").json()
        return shown

    def heal(self) -> None:
        """Put every switch back."""
        self.control(**{name: type(value)() for name, value in self.state()["faults"].items()})


@contextmanager
def running_simulator(folder: Path, *options: str) -> Iterator[Simulator]:
    """Run a simulator for the length of a ``with`` block, on a port of its own choice."""
    log = folder / "simulator.log"
    keys = [f"--key={key}" for key in (KEY, *RECORDED_KEYS)]
    command = [
        sys.executable,
        "-m",
        "murph.gateways.payment.simulator",
        "--port=0",
        f"--inactive-key={CLOSED_KEY}",
        f"--webhook-secret={SECRET}",
        *keys,
        *options,
    ]
    with Child("simulator", command, log=log) as child:
        child.wait_until(lambda: "Switches:" in log.read_text())
        found = re.search(r"FINTERNET_API_URL=(\S+)/api/v1", log.read_text())
        assert found
        yield Simulator(found[1], child)
