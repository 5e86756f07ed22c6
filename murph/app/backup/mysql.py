"""MySQL and MariaDB: their own dump and client, told who to be by a file that nobody else can read."""

import gzip
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

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
_DUMPS, _CLIENTS = ("mariadb-dump", "mysqldump"), ("mariadb", "mysql")
"""By preference for MariaDB; for MySQL its own come first. Either knows how to talk to either server."""
_DEFINER = re.compile(rb"/\*!\d+ DEFINER=.*?\*/ ")
_TRIGGER = b"/*!50003 CREATE*/"
_SANDBOX = b"/*M!999999\\- enable the sandbox mode"
"""What MariaDB's dumps begin with, and MySQL's client takes for a mistake."""
_GENERATED = re.compile(rb"  ((`\w+` .+?) GENERATED ALWAYS AS .* STORED)")
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
    tool = _find(_DUMPS, server)
    options = [*_OPTIONS, *(() if tool.is_mariadb else _OF_MYSQL), str(url.database)]

    def take(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with gzip.open(target, "wb", compresslevel=_LEVEL) as file:
            shutil.copyfileobj(process.stdout, file)

    _run(tool, url, options, take)
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
            process.stdin.writelines(_for_anybody(_computed_later(lines) if is_mysql else lines))
        process.stdin.close()

    is_mysql = server.startswith("MySQL")
    _run(_find(_CLIENTS, server), url, ["--default-character-set=utf8mb4", str(url.database)], give)


def _for_anybody(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line.startswith(_TRIGGER):
            yield _DEFINER.sub(b"", line)
        elif not line.startswith(_SANDBOX):
            yield line


def _computed_later(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Have generated columns take values until all rows are there.

    MariaDB's program writes their values down, of MySQL's tables too, and MySQL takes none for them.
    """
    table, changes = b"", []
    for line in lines:
        if line.startswith(b"CREATE TABLE `"):
            table = line.split(b"`")[1]
        if found := _GENERATED.match(line):
            changes.append(b"ALTER TABLE `%s` MODIFY %s;\n" % (table, found[1]))
            line = line.replace(found[1], found[2])
        yield line
    yield from changes


class _Tool(NamedTuple):
    """A program that is here, and whose it is: each wants options of its own, whichever server it asks."""

    program: str
    is_mariadb: bool


def _find(names: Sequence[str], server: str) -> _Tool:
    ordered = names[::-1] if server.startswith("MySQL") else names
    program = next(filter(None, map(shutil.which, ordered)), None)
    if program is None:
        raise ToolMissing
    # Debian's MariaDB answers to the names of MySQL's programs too.
    said = subprocess.run([program, "--version"], capture_output=True, check=False).stdout
    return _Tool(program, b"MariaDB" in said)


def _run(
    tool: _Tool, url: URL, options: Sequence[str], use: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    with _told_who_to_be(url, tool) as file, tempfile.TemporaryFile() as said:
        command = [tool.program, f"--defaults-extra-file={file}", *options]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        with suppress(BrokenPipeError), process:  # when it ends too early, its exit code says so
            use(process)
        if process.returncode:
            raise ToolFailed(_failure(said))


def _failure(said: IO[bytes]) -> str:
    said.seek(0)
    return f"{ToolFailed.detail} {said.read().decode(errors='replace').strip()}"


@contextmanager
def _told_who_to_be(url: URL, tool: _Tool) -> Iterator[str]:
    """Write account and address to a file, as everybody can read the arguments of a process."""
    with tempfile.NamedTemporaryFile("w", suffix=".cnf") as file:
        lines = [f"{name}={_quoted(value)}" if value else name for name, value in _client(url, tool)]
        file.write("\n".join(["[client]", *lines, ""]))
        file.flush()
        yield file.name


def _client(url: URL, tool: _Tool) -> Iterator[tuple[str, str]]:
    socket = url.query.get("unix_socket")
    known = {"user": url.username, "password": url.password, "host": url.host, "port": url.port}
    yield from ((name, str(value)) for name, value in known.items() if value)
    if socket:
        yield "socket", str(socket)
    files = {name: str(url.query[name]) for name in ("ssl_ca", "ssl_cert", "ssl_key") if name in url.query}
    yield from ((name.replace("_", "-"), value) for name, value in files.items())
    if socket or url.host in LOCAL or "ssl_disabled" in url.query:
        yield "skip-ssl" if tool.is_mariadb else "get-server-public-key", ""
    elif tool.is_mariadb:
        yield "ssl", ""
        yield "ssl-verify-server-cert", ""
    else:
        yield "ssl-mode", "VERIFY_IDENTITY" if "ssl_ca" in files else "REQUIRED"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
