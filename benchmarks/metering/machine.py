"""What is measured beside the figures: processor time, memory, commits, and where all of it ran."""

import os
import platform
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


@dataclass(frozen=True)
class Sample:
    """Counters at one moment."""

    server_cpu_s: float
    database_cpu_s: float
    server_memory_kb: int
    commits: int


def sample(engine: Engine, *, server_pid: int, database_pid: int) -> Sample:
    """Read all counters now."""
    with engine.connect() as connection:
        _, commits = connection.execute(text("SHOW GLOBAL STATUS LIKE 'Com_commit'")).one()
    return Sample(
        server_cpu_s=_cpu_s(server_pid),
        database_cpu_s=_cpu_s(database_pid),
        server_memory_kb=_memory_kb(server_pid),
        commits=int(commits),
    )


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _memory_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


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


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown")
