"""What is measured beside the figures: processor time, memory, commits, and where all of it ran."""

import os
import platform
import resource
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_SETTINGS = (
    "version",
    "innodb_flush_log_at_trx_commit",
    "sync_binlog",
    "log_bin",
    "innodb_doublewrite",
    "innodb_flush_method",
)
_PRAGMAS = ("journal_mode", "synchronous")
_SPARE_FILES = 200
IDLE_WITHIN_S = 20


@dataclass(frozen=True)
class Sample:
    """Counters at one moment."""

    server_cpu_s: float
    database_cpu_s: float
    server_memory_kb: int
    commits: int
    balancer_cpu_s: float
    balancer_memory_kb: int


def sample(
    engine: Engine, *, server_pids: Iterable[int], database_cpu_s: float, balancer_pids: Sequence[int] = ()
) -> Sample:
    """Read all counters now; SQLite counts no commits."""
    pids = list(server_pids)
    return Sample(
        server_cpu_s=sum(map(cpu_s, pids)),
        database_cpu_s=database_cpu_s,
        server_memory_kb=sum(map(memory_kb, pids)),
        commits=_commits(engine) if engine.dialect.name == "mysql" else 0,
        balancer_cpu_s=sum(map(cpu_s, balancer_pids)),
        balancer_memory_kb=sum(map(memory_kb, balancer_pids)),
    )


def _commits(engine: Engine) -> int:
    with engine.connect() as connection:
        _, commits = connection.execute(text("SHOW GLOBAL STATUS LIKE 'Com_commit'")).one()
    return int(commits)


def cpu_s(pid: int) -> float:
    """Return the processor time of a process and of those of its children that it has seen end."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS_PER_S


def memory_kb(pid: int) -> int:
    """Return the memory of a process, of what it shares its part."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def wait_until_idle(pids: Iterable[int], *, look_every_s: float = 0.25) -> None:
    """Wait until processes have done what the last run left them, so that the next has the machine.

    Raises:
        SystemExit: they go on and on.
    """
    watched, give_up_s = list(pids), time.monotonic() + IDLE_WITHIN_S
    while time.monotonic() < give_up_s:
        before_s = sum(map(cpu_s, watched))
        time.sleep(look_every_s)
        if sum(map(cpu_s, watched)) - before_s < 0.1 * look_every_s:
            return
    raise SystemExit(f"the processes {watched} are still at work {IDLE_WITHIN_S} s after a run")


def allow_sockets(count: int) -> None:
    """Let this process and those it starts open that many sockets, and more when the machine lets them.

    Raises:
        SystemExit: the machine allows fewer.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < count + _SPARE_FILES:
        raise SystemExit(f"{count} players need {count + _SPARE_FILES} open files, `ulimit -Hn` is {most}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def describe(engine: Engine) -> dict[str, str]:
    """Return the machine, the versions and how durable a commit is, as the server itself says."""
    with engine.connect() as connection:
        rows = connection.execute(text(f"SHOW VARIABLES WHERE Variable_name IN {_SETTINGS}"))
        settings = {str(name): str(value) for name, value in rows}
    return {
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        **{f"mariadb_{name}": value for name, value in settings.items()},
    }


def describe_sqlite(engine: Engine) -> dict[str, str]:
    """Return how durable a commit is on this engine."""
    with engine.connect() as connection:
        rows = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in _PRAGMAS}
        version = connection.execute(text("SELECT sqlite_version()")).scalar()
    return {"sqlite_version": str(version)} | {f"sqlite_{name}": str(value) for name, value in rows.items()}


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown")
