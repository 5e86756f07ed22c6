"""Where figures are kept: in this process, or in files that all processes of a host share."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import values
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry

from murph.core.slots import Slots

REGISTRY = CollectorRegistry()
"""The metrics of this process; what it counted is among them unless it is kept in files."""

log = structlog.get_logger(__name__)

_slots: Slots | None = None
_store: Callable[..., Any] | None = None
_choosing = threading.Lock()


def keep_in(folder: Path) -> None:
    """Keep figures in files of `folder` from now on; to be said before anything is counted."""
    global _slots
    _slots = Slots(folder)


def take_part() -> None:
    """Be known as one of those who count, though only processes forked from this one do the counting."""
    if _slots is not None:
        _slots.own()


def shared() -> Collector | None:
    """Return what gives the figures of all processes that share the folder, or None without one."""
    if _slots is None:
        return None
    _slots.forget_the_dead()
    return MultiProcessCollector(None, path=str(_slots.folder))  # type: ignore[no-untyped-call]


class Value:
    """A figure whose place is chosen at its first use: metrics are made before the settings are read."""

    _multiprocess = True

    def __init__(self, *about: Any, **more: Any) -> None:
        self._about, self._more = about, more
        self._kept: Any = None

    def _value(self) -> Any:
        if self._kept is None:
            with _choosing:
                if self._kept is None:
                    self._kept = _chosen()(*self._about, **self._more)
        return self._kept

    def inc(self, amount: float) -> None:
        """Add to it."""
        self._value().inc(amount)

    def set(self, value: float, timestamp: float | None = None) -> None:
        """Replace it."""
        self._value().set(value, timestamp)

    def get(self) -> float:
        """Return what this process has counted."""
        return float(self._value().get())

    def get_exemplar(self) -> None:
        """Return no example; none are kept."""


def _chosen() -> Callable[..., Any]:
    global _store
    if _store is None:
        _store = _in_files(_slots) if _slots else values.MutexValue
    return _store


def _in_files(slots: Slots) -> Callable[..., Any]:
    try:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(slots.folder)
        return values.MultiProcessValue(slots.own)  # type: ignore[no-untyped-call, no-any-return]
    except OSError as error:
        log.warning("metrics.not_shared", reason=str(error))
        return values.MutexValue


values.ValueClass = Value
