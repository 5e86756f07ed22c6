"""A world in which every kind of object exists, and the document that describes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core.db import db
from murph.core.ids import new_id
from murph.wallet import service as wallet
from murph.core import clock
from tests.auth.people import Person, make_admin, sign_up
from tests.course.builders import create_course, published_course
from tests.session.builders import fund, start, watched_and_settled
from tests.support.databases import SqliteFactory, make_app


@dataclass(frozen=True)
class World:
    """People, and the ids of what there is by the name of the path parameter that takes them."""

    people: dict[str, Person]
    ids: dict[str, list[str]]


@pytest.fixture
def world(app: Flask, client: FlaskClient) -> World:
    return build(client)


def build(client: FlaskClient) -> World:
    tess = sign_up(client, "tess@example.org", "teacher")
    otto = sign_up(client, "otto@example.org", "teacher")
    stan = sign_up(client, "stan@example.org", "student")
    sara = sign_up(client, "sara@example.org", "student")
    root = make_admin(client)
    for student in (stan, sara):
        fund(student, 50_000)
    asked = wallet.request_top_up(user_id=stan.id, amount_minor=500, currency="USD", at=clock.now())
    course = published_course(client, tess)
    draft = create_course(client, tess)
    other = published_course(client, otto)
    receipt = watched_and_settled(client, stan, course, 95)
    locked = start(client, stan, course)
    foreign = start(client, sara, other)
    return World(
        people={"student": stan, "teacher": tess, "admin": root},
        ids={
            "user_id": [str(p.id) for p in (stan, tess)],
            "top_up_id": [str(asked.id)],
            "course_id": [course["id"], draft["id"], other["id"]],
            "video_id": [course["videos"][0]["id"], other["videos"][0]["id"]],
            "session_id": [receipt["session_id"], locked["id"], foreign["id"]],
        },
    )
