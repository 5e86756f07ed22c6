"""What lower features tell and higher ones hear, in the transaction that makes it true.

Features point downwards only, so whoever settles a session cannot call whoever counts it. Listeners run
at once: what they write is committed, undone and repeated together with what they were told of.
"""

from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")

_listeners: dict[type, list[Callable[[Any], None]]] = {}


def listener(event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Have the decorated function called with every event of this class."""

    def register(hear: Callable[[E], None]) -> Callable[[E], None]:
        _listeners.setdefault(event, []).append(hear)
        return hear

    return register


def tell(event: object) -> None:
    """Call whoever listens for this event; what a listener raises undoes what is told."""
    for hear in _listeners.get(type(event), ()):
        hear(event)
