"""Idempotency keys on views of the tests' own: one without a call to the outside, one with."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

import pymysql
import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from murph.core import clock, idempotency
from murph.core.db import db, in_transaction, transactional
from murph.core.db.engine import LOCK_WAIT_S
from murph.core.db.transactions import MAX_ATTEMPTS
from murph.core.errors import Conflict
from murph.core.http import Blueprint, bind_actor, guarded, idempotent, resumable
from murph.core.http import idempotency as header
from murph.core.http.fields import Money, Schema
from murph.core.idempotency import IdempotencyKey
from murph.core.ids import new_id
from murph.core.jobs import forget_idempotency_keys
from tests.core.conftest import COUNTER, ENTRY

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("tables")]

KEY = "0190a6de-7c3b"
ADA, BOB = new_id(), new_id()


class Died(BaseException):
    """What stands for the end of a process: nothing of ours catches it."""


class PayIn(Schema):
    """How much."""

    amount = Money(required=True)


class PaidOut(Schema):
    """What there is now."""

    total = fields.Integer()
    intent = fields.UUID()


@dataclass
class Till:
    """What happened, and what is to happen inside the transaction or at the outside."""

    befores: int = 0
    calls: list[UUID] = field(default_factory=list)
    inside: Callable[[], object] = lambda: None
    outside: Callable[[], object] = lambda: None


class SteppedClock(clock.SystemClock):
    """A clock that tests put forward."""

    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def time() -> Iterator[SteppedClock]:
    stepped = SteppedClock()
    previous = clock.use(stepped)
    yield stepped
    clock.use(previous)


@pytest.fixture
def till(app: Flask) -> Till:
    """The blueprint's views, on the application, and what they did."""
    till = Till()
    blp = Blueprint("till", __name__)

    def before(_body: dict[str, Any], till_id: int) -> None:
        assert not in_transaction()
        till.befores += 1

    @blp.route("/till/<int:till_id>", methods=["POST"])
    @_actor
    @blp.arguments(PayIn)
    @idempotent(before=before)
    @blp.response(201, PaidOut)
    def pay(body: dict[str, Any], till_id: int) -> dict[str, Any]:
        total = _add(body["amount"], to=till_id)
        till.inside()
        return {"total": total}

    def intend(_body: dict[str, Any]) -> UUID:
        return _intend()

    @blp.route("/call", methods=["POST"])
    @_actor
    @blp.arguments(PayIn)
    @resumable(intend)
    @blp.response(201, PaidOut)
    def call(body: dict[str, Any], intent_id: UUID) -> dict[str, Any]:
        assert not in_transaction()
        till.calls.append(intent_id)
        till.outside()
        return {"total": _add(body["amount"], to=1), "intent": intent_id}

    app.register_blueprint(blp)
    return till


def _actor(view: Any) -> Any:
    """Take the caller's word for who it is."""

    @wraps(view)
    def guard(*args: Any, **kwargs: Any) -> Any:
        bind_actor(UUID(request.headers["X-Actor"]))
        return view(*args, **kwargs)

    return guarded(guard, "signed_in")


@transactional
def _add(amount: int, *, to: int) -> int:
    row = select(COUNTER.c.value).where(COUNTER.c.id == to).with_for_update()
    value = db.session.execute(row).scalar_one() + amount
    if value > 1_000:
        raise Conflict("The till is full.")
    db.session.execute(COUNTER.update().where(COUNTER.c.id == to).values(value=value))
    return int(value)


@transactional
def _intend() -> UUID:
    intent_id = new_id()
    db.session.execute(ENTRY.insert(), [{"id": intent_id, "rank": 1}])
    return intent_id


def post(
    client: FlaskClient, path: str, amount: str = "2.00", *, key: str | None = KEY, actor: UUID = ADA
) -> TestResponse:
    headers = {"X-Actor": str(actor)} | ({"Idempotency-Key": key} if key is not None else {})
    return client.post(path, json={"amount": amount}, headers=headers)


def stored(till_id: int = 1) -> int:
    return int(db.session.execute(select(COUNTER.c.value).where(COUNTER.c.id == till_id)).scalar_one())


def intents() -> set[UUID]:
    return set(db.session.scalars(select(ENTRY.c.id)))


def keys() -> list[IdempotencyKey]:
    db.session.rollback()
    return list(db.session.scalars(select(IdempotencyKey).execution_options(populate_existing=True)))


@pytest.mark.parametrize("path", ["/till/1", "/call"])
def test_a_repeated_request_gets_the_stored_answer_and_has_no_effect(
    client: FlaskClient, till: Till, path: str
) -> None:
    first, second = post(client, path), post(client, path)
    assert (first.status_code, first.get_json()["total"]) == (201, 200)
    assert (second.status_code, second.data) == (201, first.data)
    assert second.mimetype == first.mimetype == "application/json"
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert stored() == 200
    assert till.befores + len(till.calls) == 1


@pytest.mark.parametrize("path", ["/till/1", "/call"])
def test_without_a_key_every_request_counts_and_nothing_is_stored(
    client: FlaskClient, till: Till, path: str
) -> None:
    answers = [post(client, path, key=None) for _ in range(2)]
    assert [answer.get_json()["total"] for answer in answers] == [200, 400]
    assert keys() == []


def test_another_spelling_of_the_same_amount_is_the_same_request(client: FlaskClient, till: Till) -> None:
    assert post(client, "/till/1", "2").data == post(client, "/till/1", "2.00").data
    assert stored() == 200


@pytest.mark.parametrize("path", ["/till/1", "/call"])
def test_a_key_that_was_used_with_another_body_is_refused(client: FlaskClient, till: Till, path: str) -> None:
    post(client, path)
    answer = post(client, path, "3.00")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "idempotency_key_reused")
    assert stored() == 200


def test_a_key_is_its_owners_and_its_operations_alone(client: FlaskClient, till: Till) -> None:
    for path, actor in (("/till/1", ADA), ("/till/2", ADA), ("/till/1", BOB), ("/call", ADA)):
        assert "Idempotency-Replayed" not in post(client, path, actor=actor).headers
    assert (stored(1), stored(2)) == (600, 200)


@pytest.mark.parametrize("path", ["/till/1", "/call"])
def test_an_error_leaves_no_key(client: FlaskClient, till: Till, path: str) -> None:
    assert post(client, path, "10.01").get_json()["detail"] == "The till is full."
    assert keys() == []
    assert post(client, path, "1.00").status_code == 201  # the key is free for another body too


@pytest.mark.only_sqlite  # refused before a database is asked
@pytest.mark.parametrize(
    "key", ["", "1234567", "x" * 81, "with a space", "tab\there", "ümlaut12", "\x7f2345678", "1234567\x80"]
)
@pytest.mark.parametrize("path", ["/till/1", "/call"])
def test_a_key_that_is_none_is_refused_by_name(client: FlaskClient, till: Till, path: str, key: str) -> None:
    answer = post(client, path, key=key)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "validation_failed")
    assert "Idempotency-Key" in answer.get_json()["errors"]
    assert (stored(), keys()) == (0, [])


@pytest.mark.parametrize("key", ["12345678", "~" * 80, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}"])
def test_every_visible_character_may_stand_in_a_key(client: FlaskClient, till: Till, key: str) -> None:
    assert post(client, "/till/1", key=key).status_code == 201
    assert keys()[0].ikey == key


@pytest.mark.parametrize("path", ["/till/1", "/call"])
def test_after_a_day_a_key_is_as_good_as_new(
    client: FlaskClient, till: Till, time: SteppedClock, path: str
) -> None:
    post(client, path)
    time.ahead = timedelta(hours=24) - timedelta(minutes=1)
    assert "Idempotency-Replayed" in post(client, path).headers
    time.ahead = timedelta(hours=24)
    answer = post(client, path, "3.00")  # the row is still there
    assert (answer.status_code, answer.get_json()["total"]) == (201, 500)
    assert post(client, path, "3.00").data == answer.data
    assert len(keys()) == 1
    assert len(set(till.calls)) == len(till.calls)


def test_keys_whose_time_is_over_are_deleted(
    client: FlaskClient, till: Till, time: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "BATCH", 2)
    for number in range(5):
        post(client, "/till/1", "0.01", key=f"{KEY}-{number}")
    time.ahead = timedelta(hours=1)
    post(client, "/till/1", "0.01", key=f"{KEY}-late")
    time.ahead = timedelta(hours=24)
    forget_idempotency_keys()
    assert [row.ikey for row in keys()] == [f"{KEY}-late"]


def test_what_a_view_answers_other_than_success_is_never_stored(app: Flask, till: Till) -> None:
    sent = idempotency.Request(ADA, "till", KEY, "0" * 64)
    with pytest.raises(Exception, match="ck_idempotency_success"):
        idempotency.once(sent, lambda: idempotency.Answer(404, "{}"), at=clock.now())
    assert keys() == []


@pytest.mark.parametrize("times", [1, MAX_ATTEMPTS - 1, MAX_ATTEMPTS])
def test_a_contended_request_is_run_again_as_a_whole_or_leaves_nothing(
    client: FlaskClient, till: Till, times: int
) -> None:
    failures = iter([OperationalError("", {}, pymysql.OperationalError(1213, "Deadlock"))] * times)

    def collide() -> None:
        for failure in failures:
            raise failure

    till.inside = collide
    answer = post(client, "/till/1")
    if times < MAX_ATTEMPTS:
        assert (answer.status_code, stored()) == (201, 200)
        assert post(client, "/till/1").data == answer.data
    else:
        assert (answer.status_code, stored(), keys()) == (503, 0, [])
    assert till.befores == 1


def test_a_duplicate_outwaits_the_database_until_the_first_is_done(app: Flask, till: Till) -> None:
    is_inside, may_go_on = threading.Event(), threading.Event()

    def inside() -> None:
        is_inside.set()
        assert may_go_on.wait(30)

    till.inside = inside
    with ThreadPoolExecutor() as pool:
        first = pool.submit(in_context, app)
        assert is_inside.wait(30)
        second = pool.submit(in_context, app)
        assert not is_done(second, within_s=LOCK_WAIT_S + 0.3)
        may_go_on.set()
        answers = [first.result(30), second.result(30)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert ["Idempotency-Replayed" in answer.headers for answer in answers] == [False, True]
    assert stored() == 200


def in_context(app: Flask, path: str = "/till/1") -> TestResponse:
    """Ask as a thread of a server would."""
    with app.app_context():
        return post(app.test_client(), path)


def is_done(answer: Future[TestResponse], *, within_s: float) -> bool:
    """Tell whether an answer came within that time."""
    return bool(wait([answer], timeout=within_s).done)


def test_a_call_that_outlives_its_process_is_resumed_with_the_same_intent(
    client: FlaskClient, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    _let_a_process_die(client, till, monkeypatch)
    (intent,) = intents()
    answer = post(client, "/call")
    assert (answer.status_code, answer.get_json()) == (201, {"intent": str(intent), "total": 200})
    assert till.calls == [intent, intent]
    assert intents() == {intent}
    assert post(client, "/call").data == answer.data


def test_a_claim_that_has_not_run_out_is_waited_for_and_then_reported(
    client: FlaskClient, till: Till, time: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _let_a_process_die(client, till, monkeypatch, claimed_for=timedelta(minutes=1))
    monkeypatch.setattr(header, "WAIT_MS", 150)
    answer = post(client, "/call")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "request_in_progress")
    assert 58 <= int(answer.headers["Retry-After"]) <= 60
    other = post(client, "/call", "3.00")
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")
    time.ahead = timedelta(minutes=1)
    assert post(client, "/call").status_code == 201


def test_a_slow_call_keeps_its_claim_and_its_duplicate_gets_its_answer(
    app: Flask, client: FlaskClient, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "CLAIMED_FOR", timedelta(seconds=0.6))
    monkeypatch.setattr(header, "RENEW_EVERY_S", 0.1)
    called, may_go_on = threading.Event(), threading.Event()

    def outside() -> None:
        called.set()
        assert may_go_on.wait(30)

    till.outside = outside
    with ThreadPoolExecutor() as pool:
        first = pool.submit(in_context, app, "/call")
        assert called.wait(30)
        second = pool.submit(in_context, app, "/call")
        assert not is_done(second, within_s=1.2)  # twice as long as the claim was good for
        may_go_on.set()
        answers = [first.result(30), second.result(30)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert len(till.calls) == 1
    assert stored() == 200


def _let_a_process_die(
    client: FlaskClient,
    till: Till,
    monkeypatch: pytest.MonkeyPatch,
    claimed_for: timedelta = timedelta(seconds=-1),
) -> None:
    """Leave what a process leaves behind that died while it waited for the outside."""

    def die() -> None:
        raise Died

    till.outside = die
    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "CLAIMED_FOR", claimed_for)
        patched.setattr(idempotency, "abandon", lambda _claim: None)
        with pytest.raises(Died):
            post(client, "/call")
    till.outside = lambda: None
