"""How gunicorn serves Murph: one set of settings for a laptop on SQLite and for MySQL in production."""

import logging
import os
import signal
import socket
import threading
from types import FrameType
from typing import Any

from gunicorn import glogging

from config import load
from murph.core import lifeline, log
from murph.core.open_files import allow_open_files
from murph.core.slots import FOLDER, Slots

_settings = load()
_on_sqlite = _settings.DATABASE_URL.startswith("sqlite")


class _OurLog(glogging.Logger):  # type: ignore[misc]
    """Gunicorn's own records, written in the same format as all the others."""

    def setup(self, cfg: Any) -> None:
        """Hand the records to the root logger instead of a handler of gunicorn's."""
        self.error_log = logging.getLogger("gunicorn.error")  # once more, when a reload sets this up again
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log = logging.getLogger("gunicorn")


log.configure(_settings.LOG_FORMAT)
logger_class = _OurLog
accesslog = None

wsgi_app = "wsgi:app"
_host = f"[{_settings.HOST}]" if ":" in _settings.HOST else _settings.HOST
bind = f"{_host}:{_settings.PORT}"
control_socket_disable = True

# A lock wait inside SQLite's C code would stop every greenlet of the process, but only one thread.
worker_class = "murph.core.web_worker.PatientWorker" if _on_sqlite else "murph.core.green_worker.FairWorker"
workers = _settings.WEB_WORKERS or (1 if _on_sqlite else os.cpu_count() or 1)
threads = 256
worker_connections = 10_000
allow_open_files(2 * worker_connections)
limit_request_line = 8190  # the most that gunicorn allows: 900 Chinese characters of a search
keepalive = _settings.WEB_KEEPALIVE_SECONDS  # a stopping gevent worker waits this long for idle connections
timeout = _settings.WEB_TIMEOUT_SECONDS
graceful_timeout = _settings.WEB_GRACE_SECONDS


def on_starting(_server: Any) -> None:
    """Count from zero, unless other processes of this host are still counting."""
    Slots(_settings.INSTANCE_PATH / FOLDER).begin_anew()


def post_fork(_server: Any, _worker: Any) -> None:
    """Let a worker leave, and free the port, as soon as the process that started it is gone."""
    lifeline.end_with_parent(signal.SIGTERM)


def post_worker_init(worker: Any) -> None:
    """Load what is searched in, and on SIGTERM tell the live sockets, before gunicorn waits for them.

    The application closes them in a thread of its own: a signal handler must not wait for anything,
    and inside gevent's hub it could not. One byte on a socket pair wakes threads and greenlets alike.
    """
    warm_up = worker.wsgi.extensions.get("murph_warm_up")
    if warm_up is not None:
        warm_up()
    drain = worker.wsgi.extensions.get("murph_drain")
    if drain is None:
        return
    asleep, alarm = socket.socketpair()

    def wait_and_drain() -> None:
        asleep.recv(1)
        drain()

    threading.Thread(target=wait_and_drain, name="drain", daemon=True).start()
    leave = worker.handle_exit

    def drain_and_leave(number: int, frame: FrameType | None) -> None:
        alarm.send(b"\0")
        leave(number, frame)

    signal.signal(signal.SIGTERM, drain_and_leave)
    signal.siginterrupt(signal.SIGTERM, False)
