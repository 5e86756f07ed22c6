"""A process that dies on the way, at a named point before or after a commit."""

import os
from collections.abc import Callable

from murph.core.db import db
from murph.core.faults import FAULT_VARIABLE

DIED = 99


def dies_at(label: str, deed: Callable[[], object]) -> bool:
    """Do something in a process that dies at this point of it; tell whether it came that far."""
    db.session.remove()
    pid = os.fork()
    if pid == 0:
        os.environ[FAULT_VARIABLE] = label
        try:
            deed()
        finally:
            os._exit(0)  # it should have died by now
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == DIED
