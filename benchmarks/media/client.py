"""A client that asks as fast as it is answered: a process of its own, so that its work is not the server's.

It reads a plan from stdin, loads a server of this machine for as long as planned, and prints one line.
"""

import json
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import cycle
from statistics import median
from typing import TypedDict

from tests.support.processes import ROOT

LONGEST_S = 120
_READ_BYTES = 256 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_STATEMENTS = re.compile(rb"\r\nserver-timing: sql;dur=(\d+)", re.IGNORECASE)


class Plan(TypedDict):
    """What each connection asks for: its list once, or again and again for so many seconds."""

    port: int
    connections: Sequence[Sequence[str]]
    seconds: float | None


def ask(plan: Plan) -> dict[str, float]:
    """Carry out a plan in a client process and return what it found.

    Raises:
        SystemExit: something was not answered with 200.
    """
    command = [sys.executable, "-m", "benchmarks.media.client"]
    done = subprocess.run(
        command, input=json.dumps(plan), stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    if found.pop("failed"):
        raise SystemExit("the client was refused something: see its words above")
    return found


class _Connection:
    """One connection and what it is to ask for."""

    def __init__(self, port: int, paths: Sequence[str], *, again: bool) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._paths = iter(cycle(paths) if again else paths)
        self._head, self._missing_bytes = b"", 0
        self.took_s: list[float] = []
        self.got_bytes = self.statements = self.failed = 0

    def ask(self) -> bool:
        """Ask for what comes next, and tell whether there was something."""
        path = next(self._paths, None)
        if path is None:
            return False
        self._head, self._asked_s = b"", time.perf_counter()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        return True

    def read(self, buffer: bytearray) -> bool:
        """Take what has come, and tell whether that was the last of an answer."""
        count = self.socket.recv_into(buffer)
        if count == 0:
            raise SystemExit("the server hung up")
        if self._missing_bytes:
            self._missing_bytes -= count
        else:
            self._head += buffer[:count]
            if not self._read_head():
                return False
        if self._missing_bytes:
            return False
        self.took_s.append(time.perf_counter() - self._asked_s)
        return True

    def _read_head(self) -> bool:
        head, end, body = self._head.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 200 " not in head[:16]:
            print(self._head.decode(errors="replace"), file=sys.stderr)
            self.failed += 1
        length, statements = _LENGTH.search(head), _STATEMENTS.search(head)
        size_bytes = int(length[1]) if length else 0
        self.got_bytes += size_bytes
        self.statements += int(statements[1]) if statements else 0
        self._missing_bytes = size_bytes - len(body)
        return True


def _run(plan: Plan) -> dict[str, float]:
    seconds = plan["seconds"]
    again = seconds is not None
    connections = [_Connection(plan["port"], paths, again=again) for paths in plan["connections"]]
    busy = {connection.socket.fileno(): connection for connection in connections}
    poll, buffer = select.epoll(), bytearray(_READ_BYTES)
    cpu_began_s, began_s = time.process_time(), time.perf_counter()
    until_s = began_s + (LONGEST_S if seconds is None else seconds)
    for number, connection in busy.items():
        poll.register(number, select.EPOLLIN)
        connection.ask()
    while busy and not any(connection.failed for connection in connections):
        for number, _ in poll.poll():
            if busy[number].read(buffer) and (time.perf_counter() > until_s or not busy[number].ask()):
                poll.unregister(number)
                del busy[number]
    return _figures(connections, time.perf_counter() - began_s, time.process_time() - cpu_began_s)


def _figures(connections: Sequence[_Connection], seconds: float, cpu_s: float) -> dict[str, float]:
    took_s = [each for connection in connections for each in connection.took_s] or [0.0]
    return {
        "failed": sum(connection.failed for connection in connections),
        "requests": len(took_s),
        "per_s": len(took_s) / seconds,
        "mb_per_s": sum(connection.got_bytes for connection in connections) / seconds / 1e6,
        "median_ms": median(took_s) * 1000,
        "worst_ms": max(took_s) * 1000,
        "statements": sum(connection.statements for connection in connections) / len(took_s),
        "client_cpu": cpu_s / seconds,
    }


if __name__ == "__main__":
    signal.alarm(LONGEST_S + 10)
    print(json.dumps(_run(json.load(sys.stdin))))
