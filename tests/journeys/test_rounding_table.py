"""To the minor unit: awkward prices, times and fees through start, watch, end and settlement."""

from dataclasses import replace
from fractions import Fraction
from itertools import groupby, product
from math import floor
from operator import itemgetter
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock
from murph.core.db import db, transactional
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.session import service
from murph.session.models import SessionMeter
from tests.auth.people import Person, sign_up
from tests.course.builders import COURSES, published_course
from tests.session.builders import fund, rules
from tests.support.verdict import broken_invariants

PRICES = range(1, 200)
SECONDS = (0, 1, 59, 60, 61, 119, 3_599, 86_400)
SOME_PRICES = [*PRICES[:60], *PRICES[60::23]]
"""Prices that leave every remainder a second can have when a minute's sixty divides them, and dear ones."""
FEES_BPS = (1_600, 2_000, 3_333, 9_999)
LOCK_MINOR = 300_000  # more than a day at the highest price

Case = tuple[int, int, int]
"""A price in minor units a minute, watched seconds, and a fee in basis points."""


def whole_table() -> list[Case]:
    return list(product(PRICES, SECONDS, FEES_BPS))


def every_pair() -> list[Case]:
    """A part of the table in which each of some prices meets every other time, and each time each fee."""
    met = [(price, place) for price in SOME_PRICES for place in range(price % 2, len(SECONDS), 2)]
    return [(price, SECONDS[place], FEES_BPS[(price // 2 + place) % 4]) for price, place in met]


@pytest.fixture
def tess(client: FlaskClient) -> Person:
    """A teacher."""
    return sign_up(client, "tess@example.org", "teacher")


@pytest.fixture
def stan(client: FlaskClient) -> Person:
    """A student with more money than the whole table takes."""
    stan = sign_up(client, "stan@example.org")
    for _ in range(100):
        fund(stan, 10_000_000)
    return stan


@pytest.mark.only_sqlite
def test_prices_of_every_kind_are_split_exactly_at_every_time(
    app: Flask, client: FlaskClient, stan: Person, tess: Person
) -> None:
    assert wrong_cases(client, stan, tess, every_pair()) == []
    assert broken_invariants(app) == []


@pytest.mark.torture
def test_the_whole_table_is_split_exactly(
    app: Flask, client: FlaskClient, stan: Person, tess: Person
) -> None:
    assert wrong_cases(client, stan, tess, whole_table()) == []
    assert broken_invariants(app) == []


def wrong_cases(client: FlaskClient, stan: Person, tess: Person, cases: list[Case]) -> list[Any]:
    """Watch every case; return those whose money went otherwise than the formula says."""
    course = published_course(client, tess)
    path, course_id = f"{COURSES}/{course['id']}", UUID(course["id"])
    wrong: list[Any] = []
    for price_minor, at_this_price in groupby(sorted(cases), key=itemgetter(0)):
        body = {"price_per_minute": f"{price_minor / 100:.2f}"}
        assert client.put(path, json=body, headers=tess.headers).status_code == 200
        wrong += wrong_at_price(stan, tess, course_id, list(at_this_price))
    return wrong


@transactional  # one commit for all of a price, as there are thousands
def wrong_at_price(stan: Person, tess: Person, course_id: UUID, cases: list[Case]) -> list[Any]:
    found = [(case, watched(stan, tess, course_id, seconds=case[1], fee_bps=case[2])) for case in cases]
    return [(case, moved) for case, moved in found if moved != by_formula(*case)]


def by_formula(price_minor: int, seconds: int, fee_bps: int) -> tuple[int, int, int]:
    """Return what the student pays, the teacher gets and the platform keeps."""
    cost_minor = floor(Fraction(seconds * price_minor, 60))
    fee_minor = floor(Fraction(cost_minor * fee_bps, 10_000))
    return cost_minor, cost_minor - fee_minor, fee_minor


def watched(stan: Person, tess: Person, course_id: UUID, *, seconds: int, fee_bps: int) -> tuple[int, ...]:
    """Watch a course that long; return by how much each account has moved."""
    terms, at = replace(rules(), fee_bps=fee_bps, preview_ms=0), clock.now()
    before = amounts(stan, tess)
    session = service.start(
        student_id=stan.id, course_id=course_id, locked_minor=LOCK_MINOR, rules=terms, at=at
    )
    meter = db.session.get_one(SessionMeter, session.id)
    meter.used_ms = meter.wall_ms = seconds * 1000
    service.end(session_id=session.id, reason="user", rules=terms, at=at)
    service.settle(session_id=session.id, at=at)
    after = amounts(stan, tess)
    return before[0] - after[0], after[1] - before[1], after[2] - before[2]


def amounts(stan: Person, tess: Person) -> list[int]:
    wanted = [codes.user_available(stan.id), codes.teacher_earned(tess.id), codes.PLATFORM_FEE]
    found = ledger.balances_minor(wanted)
    return [found[code] for code in wanted]
