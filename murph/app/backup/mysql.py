"""MySQL and MariaDB: their own dump and client, told who to be by a file that nobody else can read."""

import gzip
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from murph.core.errors import Conflict, Unavailable

LOCAL = (None, "", "localhost", "127.0.0.1", "::1")
_OPTIONS = (
    "--single-transaction",  # one moment of all tables, without keeping anybody waiting
    "--routines",
    "--triggers",
    "--hex-blob",
    "--no-tablespaces",  # asking for them takes a right on the whole server
    "--default-character-set=utf8mb4",
)
_OF_MYSQL = ("--set-gtid-purged=OFF", "--column-statistics=0")
_DEFINER = re.compile(rb"/\*!\d+ DEFINER=.*?\*/ ")
_TRIGGER = b"/*!50003 CREATE*/"
_LEVEL = 3
"""Of compression: three quarters of what the best one saves, in a fifth of its time."""


class ToolMissing(Unavailable):
    """The program that the database's makers copy it with is not installed here."""

    code = "backup_tool_missing"
    detail = (
        "The database's own client programs are needed for this: apt-get install -y mariadb-client, "
        "or default-mysql-client."
    )


class ToolFailed(Conflict):
    """The database's own program gave up."""

    code = "backup_tool_failed"
    detail = "The database's own program gave up, see what it wrote. Empty the target before another try."


def dump(url: URL, target: Path, *, server: str) -> Path:
    """Write the statements that make the database, compressed; nobody waits meanwhile.

    Raises:
        ToolMissing: there is no program for it.
        ToolFailed: it gave up.
    """
    is_mysql = server.startswith("MySQL")
    options = [*_OPTIONS, *(_OF_MYSQL if is_mysql else ()), str(url.database)]

    def take(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with gzip.open(target, "wb", compresslevel=_LEVEL) as file:
            shutil.copyfileobj(process.stdout, file)

    _run("mysqldump" if is_mysql else "mariadb-dump", url, options, take)
    return target


def load(file: Path, url: URL, *, server: str) -> None:
    """Run the statements of a dump on an empty database.

    Triggers come to belong to whoever restores: to make them in another's name takes a right of its own.

    Raises:
        ToolMissing: there is no program for it.
        ToolFailed: it gave up.
    """

    def give(process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        with gzip.open(file, "rb") as lines:
            process.stdin.writelines(map(_without_definer, lines))
        process.stdin.close()

    program = "mysql" if server.startswith("MySQL") else "mariadb"
    _run(program, url, ["--default-character-set=utf8mb4", str(url.database)], give)


def _without_definer(line: bytes) -> bytes:
    return _DEFINER.sub(b"", line) if line.startswith(_TRIGGER) else line


def _run(name: str, url: URL, options: Sequence[str], use: Callable[[subprocess.Popen[bytes]], None]) -> None:
    program = shutil.which(name) or shutil.which(name.replace("mariadb-dump", "mysqldump"))
    if program is None:
        raise ToolMissing
    with _told_who_to_be(url, is_mysql=name.startswith("mysql")) as file, tempfile.TemporaryFile() as said:
        command = [program, f"--defaults-extra-file={file}", *options]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        with suppress(BrokenPipeError), process:  # when it ends too early, its exit code says so
            use(process)
        if process.returncode:
            raise ToolFailed(_failure(said))


def _failure(said: IO[bytes]) -> str:
    said.seek(0)
    return f"{ToolFailed.detail} {said.read().decode(errors='replace').strip()}"


@contextmanager
def _told_who_to_be(url: URL, *, is_mysql: bool) -> Iterator[str]:
    """Write account and address to a file, as everybody can read the arguments of a process."""
    with tempfile.NamedTemporaryFile("w", suffix=".cnf") as file:
        lines = [f"{name}={_quoted(value)}" if value else name for name, value in _client(url, is_mysql)]
        file.write("\n".join(["[client]", *lines, ""]))
        file.flush()
        yield file.name


def _client(url: URL, is_mysql: bool) -> Iterator[tuple[str, str]]:
    socket = url.query.get("unix_socket")
    known = {"user": url.username, "password": url.password, "host": url.host, "port": url.port}
    yield from ((name, str(value)) for name, value in known.items() if value)
    if socket:
        yield "socket", str(socket)
    files = {name: str(url.query[name]) for name in ("ssl_ca", "ssl_cert", "ssl_key") if name in url.query}
    yield from ((name.replace("_", "-"), value) for name, value in files.items())
    if is_mysql:
        if url.host not in LOCAL:
            yield "ssl-mode", "VERIFY_IDENTITY" if "ssl_ca" in files else "REQUIRED"
    elif socket or url.host in LOCAL:
        yield "skip-ssl", ""
    else:
        yield "ssl", ""
        yield "ssl-verify-server-cert", ""


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
