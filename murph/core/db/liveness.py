"""Connections that have rested are asked whether they still live, before somebody relies on them.

SQLAlchemy's own ``pool_pre_ping`` asks at every checkout, which is a round trip for each transaction. Who
was answered a moment ago need not ask: a server that died since then costs that request a 503, as it does
when it dies in the middle of one.
"""

from time import monotonic
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

RESTED_S = 1.0
_USED_S = "murph_used_s"


def init(engine: Engine) -> None:
    """Watch over the connections of an engine."""
    driver_error = engine.dialect.loaded_dbapi.Error

    def note_use(_connection: Any, record: Any) -> None:
        record.info[_USED_S] = monotonic()

    def ask_if_rested(connection: Any, record: Any, _proxy: Any) -> None:
        used_s = record.info.get(_USED_S)
        if used_s is None or monotonic() - used_s < RESTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except driver_error as error:
            raise InvalidatePoolError from error  # the pool connects anew

    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", ask_if_rested)
