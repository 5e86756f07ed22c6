import pytest
from flask import Flask

from benchmarks.ratings import asking, world
from benchmarks.ratings.__main__ import INDEX


@pytest.mark.only_mariadb
def test_a_page_by_rating_is_read_off_the_index_and_never_sorted(app: Flask) -> None:
    world.fill(400, currency=app.config["CURRENCY"])
    plan = asking.plan(*asking.statement("rating"))
    (extra,) = [extra for table, _, key, _, extra in plan if (table, key) == ("course", INDEX)]
    assert "filesort" not in extra
