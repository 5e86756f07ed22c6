"""Two hosts behind a balancer: each a web server, a worker and a clock, with nothing on disk in common."""

import sys
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import httpx

from tests.support.house import HURRIED, House
from tests.support.processes import ROOT, Child, free_port, wait_until
from tests.support.tools import require_tool
from tests.support.valkey import Valkey

BALANCER = ROOT / "deploy" / "haproxy" / "haproxy.cfg"
SETTINGS = {
    **HURRIED,
    "WEB_WORKERS": "1",
    "TRUSTED_PROXIES": "1",
    "RECONNECT_GRACE_SECONDS": "10",
}
_FLASK = Path(sys.executable).parent / "flask"


class TwoHosts(House):
    """A house whose address is the balancer's: nobody who comes in chooses a host.

    The settings that hosts have in common say where the state is and how it is signed; each has a folder
    of its own.
    """

    def __init__(self, database_url: str, valkey: Valkey, folder: Path, **settings: str) -> None:
        super().__init__(database_url, valkey, folder, **(SETTINGS | settings))
        self._haproxy, self._door = require_tool("haproxy"), free_port()
        self.url = f"http://127.0.0.1:{self._door}"
        self.env |= {name: token_urlsafe(48) for name in ("SECRET_KEY", "JWT_SECRET_KEY", "MEDIA_KEY")}
        self.env |= {"PUBLIC_URL": self.url, "STORAGE_URL": f"file://{folder / 'shared'}"}
        self._there = {"INSTANCE_PATH": str(folder / "there"), "PORT": str(self._other_port)}
        self.other_worker: Child
        self.other_clock: Child
        self.balancer: Child

    def __enter__(self) -> "TwoHosts":
        hosts = {"MURPH_HOST_A": f"127.0.0.1:{self.port}", "MURPH_HOST_B": f"127.0.0.1:{self._other_port}"}
        command: list[str | Path] = [self._haproxy, "-db", "-f", BALANCER]
        self.balancer = self._start("haproxy", command, hosts | {"MURPH_BIND": f"127.0.0.1:{self._door}"})
        self.balancer.wait_until(lambda: self._turns() is not None)
        super().__enter__()
        return self

    def _children(self) -> list[Child]:
        return [*super()._children(), self.other_worker, self.other_clock, self.balancer]

    @property
    def other_url(self) -> str:
        """The balancer's address too."""
        return self.url

    def start_worker(self, **env: str) -> None:
        """Start a job runner on each host."""
        super().start_worker(**env)
        self.other_worker = self._start("other-worker", [_FLASK, "worker"], self._there)

    def start_clock(self, **env: str) -> None:
        """Start a clock on each host."""
        super().start_clock(**env)
        self.other_clock = self._start("other-clock", [_FLASK, "clock"], self._there)

    def start_web(self, **env: str) -> None:
        """Start both hosts' web servers, and wait until the balancer gives work to both."""
        self.start_here()
        self.start_other_web()
        self.wait_until_served_by("a", "b")

    def start_here(self) -> None:
        """Start the first host's web server."""
        self.web = self._start("web", [_FLASK.with_name("gunicorn")], {})

    def start_other_web(self) -> None:
        """Start the second host's web server."""
        self.other_web = self._start("other-web", [_FLASK.with_name("gunicorn")], self._there)

    def make_whole(self) -> None:
        """Start again the web servers that an earlier test left dead."""
        if self.web.exit_code is not None:
            self.start_here()
        if self.other_web is not None and self.other_web.exit_code is not None:
            self.start_other_web()
        self.wait_until_served_by("a", "b")

    def wait_until_served_by(self, *hosts: str) -> None:
        """Wait until these hosts, and no others, take turns in answering."""
        wait_until(lambda: self._turns() == set(hosts), what=f"being served by {hosts}", within_s=60)

    def _turns(self) -> set[Any] | None:
        try:
            answers = [httpx.get(f"{self.url}/healthz", trust_env=False) for _ in range(4)]
        except httpx.TransportError:  # there is no balancer
            return None
        return {answer.headers.get("X-Served-By") for answer in answers if answer.is_success}
