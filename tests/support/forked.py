"""A ``flask`` that need not import Murph anew: a process that has, forks for each command.

Importing takes longer than what most commands do, and the documents have hundreds of them. What is
forked has the arguments, settings, folder and streams of the command that was typed, and its exit
code is given back; nothing else is shared, since the server never loads the settings itself.
"""

import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from murph.core import lifeline
from tests.support.processes import Child

_CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    asked = {{"arguments": sys.argv[1:], "env": dict(os.environ), "folder": os.getcwd()}}
    socket.send_fds(server, [b"!"], [0, 1, 2])
    server.sendall(json.dumps(asked).encode() + b"\\n")
    sys.exit(int(server.recv(16) or 255))
"""


@contextmanager
def quick_flask(folder: Path) -> Iterator[Path]:
    """Yield the path of a program that does what ``.venv/bin/flask`` does."""
    flask, address = folder / "flask", folder / "forks"
    flask.write_text(_CLIENT.format(python=Path(sys.executable).resolve(), address=str(address)))
    flask.chmod(0o755)
    command = [sys.executable, "-m", "tests.support.forked", str(address)]
    with Child("forks", command, log=folder / "forks.log") as server:
        server.wait_until(address.exists)
        yield flask


def _serve(address: str) -> NoReturn:
    import murph.app  # noqa: F401  what every command needs

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who attend
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(f"{address}.new")
        door.listen()
        Path(f"{address}.new").rename(address)
        while True:
            peer, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _attend(peer)
            peer.close()


def _attend(peer: socket.socket) -> NoReturn:
    """Run one command in a child of this process, and tell its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    lifeline.end_with_parent()
    _, streams, _, _ = socket.recv_fds(peer, 1, 3)
    with peer.makefile("rb") as asked:
        command = json.loads(asked.readline())
    child = os.fork()
    if child == 0:
        lifeline.end_with_parent()
        peer.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        _run(command)
    ended, gone = os.pidfd_open(child), peer.fileno()
    if ended not in select.select([ended, gone], [], [])[0]:  # whoever typed it was told to end
        os.kill(child, signal.SIGTERM)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(BrokenPipeError):
        peer.sendall(str(code if code >= 0 else 128 - code).encode())
    os._exit(0)


def _run(command: Mapping[str, Any]) -> NoReturn:
    from flask.cli import main

    os.environ.clear()
    os.environ.update(command["env"])
    os.chdir(command["folder"])
    sys.argv = ["flask", *command["arguments"]]
    main()
    sys.exit()


if __name__ == "__main__":
    _serve(sys.argv[1])
