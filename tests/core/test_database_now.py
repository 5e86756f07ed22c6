from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from murph.core.db import database_now


@pytest.mark.both_databases
def test_the_databases_clock_is_utc_and_near_ours(app: Flask) -> None:
    moment = database_now()
    assert moment.tzinfo is UTC
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=5)
