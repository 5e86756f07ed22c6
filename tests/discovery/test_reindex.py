"""``flask discovery reindex`` on the command line."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from murph.core.db import db, transactional
from murph.discovery.models import SearchDocument
from tests.auth.people import Person
from tests.course.builders import published_course
from tests.discovery.test_search import titles


@pytest.mark.both_databases
def test_documents_that_were_lost_are_made_anew(
    app: Flask, client: FlaskClient, tess: Person, work: Callable[[], None]
) -> None:
    published_course(client, tess, title="Compound interest")
    work()

    @transactional
    def lose() -> None:
        db.session.execute(delete(SearchDocument))

    lose()
    done = app.test_cli_runner().invoke(args=["discovery", "reindex", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"indexed": 1}
    assert titles(client, "compound") == ["Compound interest"]
