"""Several workers that begin and end together, forked from one process that has loaded everything already."""

import signal
import time
from collections.abc import Callable
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from typing import Any

import structlog

log = structlog.get_logger(__name__)

RESTART_PAUSE_S = 1
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Several:
    """So many processes that each `run`; one that ends by itself is followed by another."""

    def __init__(self, count: int, run: Callable[[], None]) -> None:
        self._count, self._run = count, run
        self._processes: list[BaseProcess] = []
        self._is_stopping = False

    def keep(self) -> None:
        """Keep them running until told to stop, then tell them and wait until they have done so."""
        for number in _SIGNALS:
            signal.signal(number, self._stop)
        while not self._is_stopping:
            while len(self._processes) < self._count:
                self._start()
            connection.wait([process.sentinel for process in self._processes])
            self._processes = [process for process in self._processes if process.is_alive()]
            if not self._is_stopping:
                log.warning("worker.ended", left=len(self._processes))
                time.sleep(RESTART_PAUSE_S)
        for process in self._processes:
            process.join()

    def _start(self) -> None:
        process = get_context("fork").Process(target=self._run_in_child)
        process.start()
        self._processes.append(process)
        if self._is_stopping:  # told to while this one was on its way
            process.terminate()

    def _run_in_child(self) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        self._run()

    def _stop(self, *_: Any) -> None:
        self._is_stopping = True
        for process in self._processes:
            process.terminate()
