"""A MariaDB server of one's own: private files, a private socket, no network, no password.

With ``MURPH_MYSQLD=/usr/sbin/mysqld`` that MySQL 8 stands in its place, wherever MariaDB is said.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql

from tests.support import memory
from tests.support.processes import Child

INSTALL = "apt-get install -y mariadb-server"
MYSQLD = os.environ.get("MURPH_MYSQLD", "")
_PROGRAMS = (MYSQLD,) if MYSQLD else ("mariadbd", "mariadb-install-db")
_SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
_RELAXED = ("--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite")
_DURABLE = ("--innodb-flush-log-at-trx-commit=1",)
_OF_MARIADB = ("--innodb-log-file-size=64M",)
# Its binary log is on by default, and then triggers want to be allowed: operators are told so too.
_OF_MYSQL = (
    "--innodb-redo-log-capacity=64M",
    "--sync-binlog=0",
    "--log-bin-trust-function-creators=1",
    "--mysqlx=OFF",
    "--secure-file-priv=NULL",
)


def missing_programs() -> list[str]:
    """Return which programs of the server this machine lacks."""
    return [name for name in _PROGRAMS if _find(name) is None]


def _find(name: str) -> str | None:
    return shutil.which(name, path=_SEARCH)


@dataclass
class MariaDb:
    """A server that can be killed and brought back, to see what that does to others."""

    folder: Path
    command: Sequence[str]
    server: Child

    @property
    def socket(self) -> Path:
        """The address of the server."""
        return self.folder / "s"

    def kill(self) -> None:
        """End the server as a power cut would."""
        self.server.kill()

    def start(self) -> None:
        """Bring the server back at the same address, with all that was durable."""
        self.server = _start(self.folder, self.command)
        self.server.wait_until(self.answers)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of one of its databases."""
        return f"mysql+pymysql://root@localhost/{database}?unix_socket={self.socket}"

    def create(self, database: str) -> str:
        """Make an empty database, replacing one of that name, and return its address."""
        self.execute(f"DROP DATABASE IF EXISTS {database}", f"CREATE DATABASE {database}")
        return self.url(database)

    def execute(self, *statements: str) -> None:
        """Run administrative statements."""
        with pymysql.connect(unix_socket=str(self.socket), user="root", autocommit=True) as connection:
            for statement in statements:
                connection.cursor().execute(statement)

    def answers(self) -> bool:
        """Tell whether the server takes connections."""
        try:
            self.execute("SELECT 1")
        except pymysql.OperationalError:
            return False
        return True


@contextmanager
def private_mariadb(*, durable: bool = False) -> Iterator[MariaDb]:
    """Run a fresh server for the length of a ``with`` block.

    Every commit reaches the disk only when `durable` is set. Crash suites and benchmarks set it;
    where nobody pulls the plug on the server itself, the relaxed one says the same and is faster.

    Raises:
        FileNotFoundError: when the server is not installed; the message says how to.
    """
    if missing := missing_programs():
        raise FileNotFoundError(f"{', '.join(missing)} not found: {INSTALL}")
    # A short path: a socket's address must not be longer than 107 bytes.
    home = None if durable else memory.FOLDER
    if home is not None:
        _remove_leftovers(home)
    folder = Path(tempfile.mkdtemp(prefix=f"murph-db-{os.getpid()}-", dir=home or "/tmp"))
    try:
        _install(folder, _environment(folder))
        command = _command(folder, durable)
        database = MariaDb(folder, command, _start(folder, command))
        try:
            database.server.wait_until(database.answers)
            yield database
        finally:
            if database.server.exit_code is None:
                database.server.terminate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(home: Path) -> None:
    # What a killed test run could not remove itself would stay in memory until the machine is restarted.
    for folder in home.glob("murph-db-*-*"):
        if not Path("/proc", folder.name.split("-")[2]).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path) -> dict[str, str]:
    # A starting server removes temporary tables from its folder for them, its neighbours' too.
    return {"TMPDIR": str(folder)}


def _start(folder: Path, command: Sequence[str]) -> Child:
    return Child(Path(command[0]).name, command, log=folder / "log", env=_environment(folder))


def _command(folder: Path, durable: bool) -> list[str]:
    return [
        _find(_PROGRAMS[0]) or _PROGRAMS[0],
        "--no-defaults",
        *_as_root(),
        f"--datadir={folder / 'data'}",
        f"--socket={folder / 's'}",
        f"--pid-file={folder / 'pid'}",
        "--skip-networking",
        "--character-set-server=utf8mb4",
        "--innodb-buffer-pool-size=128M",
        "--max-connections=400",
        *(_OF_MYSQL if MYSQLD else _OF_MARIADB),
        *(_DURABLE if durable else _RELAXED),
    ]


def _install(folder: Path, environment: dict[str, str]) -> None:
    program = _find(_PROGRAMS[-1]) or _PROGRAMS[-1]
    filling = (
        ("--initialize-insecure",)
        if MYSQLD
        else ("--auth-root-authentication-method=normal", "--skip-test-db")
    )
    command = [program, "--no-defaults", *_as_root(), f"--datadir={folder / 'data'}", *filling]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed:\n{done.stdout}\n{done.stderr}")


def _as_root() -> tuple[str, ...]:
    return ("--user=root",) if os.geteuid() == 0 else ()
