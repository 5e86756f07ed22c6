"""Every fault label that a deed passes: die there, do it again, and nothing is lost or done twice.

The labels are not listed here: each deed is done once undisturbed and tells which ones it passes.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from murph.core import clock, idempotency
from murph.core.db import transactions
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.wallet import service as wallet
from tests.auth.people import Person, sign_up
from tests.course.builders import published_course
from tests.session.builders import end, fund, settle, start, watch
from tests.support.dying import dies_at
from tests.support.verdict import broken_invariants
from tests.wallet.wallets import reject_payout

API = "/api/v1"
Deed = Callable[[], object]

numbers = count(1)


class World:
    """Two people who have not met before, and what one of them is about to do."""

    def __init__(self, client: FlaskClient) -> None:
        number = next(numbers)
        self.client, self.key = client, f"key-{number:08d}"
        self.tess = sign_up(client, f"tess{number}@example.org", "teacher")
        self.stan = sign_up(client, f"stan{number}@example.org")
        self.course = published_course(client, self.tess, price_per_minute="3.07")
        fund(self.stan, 5_000)

    def post(self, path: str, body: Any = None, *, person: Person | None = None) -> Any:
        """Send a request under this world's one key."""
        headers = (person or self.stan).headers | {"Idempotency-Key": self.key}
        answer = self.client.post(f"{API}{path}", json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.get_json()

    def watched(self) -> dict[str, Any]:
        """Return a session that has run for a while."""
        session = start(self.client, self.stan, self.course)
        watch(session, 100)
        return session

    def amounts(self) -> dict[str, int]:
        """Return what is on everybody's accounts."""
        stan, tess = self.stan.id, self.tess.id
        user = [codes.user_available(stan), codes.user_locked(stan)]
        teacher = [codes.teacher_earned(tess), codes.teacher_payout_hold(tess)]
        found = ledger.balances_minor([*user, *teacher])
        return {code.rpartition(":")[2]: found[code] for code in (*user, *teacher)}


def starting(world: World) -> Deed:
    return lambda: world.post("/sessions/start", {"course_id": world.course["id"]})


def extending(world: World) -> Deed:
    session = world.watched()
    return lambda: world.post(f"/sessions/{session['id']}/extend", {"amount": "2.50"})


def ending(world: World) -> Deed:
    session = world.watched()
    return lambda: world.post(f"/sessions/{session['id']}/end")


def ending_unwatched(world: World) -> Deed:
    session = start(world.client, world.stan, world.course)
    return lambda: world.post(f"/sessions/{session['id']}/end")


def settling(world: World) -> Deed:
    end(world.client, world.stan, world.watched())
    return settle


def topping_up(world: World) -> Deed:
    def pay() -> None:
        top_up = world.post("/payments/topups", {"amount": "7.00"})
        page = "/pay/" + top_up["payment_url"].partition("/pay/")[2]
        assert world.client.post(page, json={"action": "confirm"}).status_code == 200

    return pay


def asking_for_a_payout(world: World) -> Deed:
    settling(world)()

    def ask() -> None:
        payout = world.post("/payments/payouts", {"amount": "1.00"}, person=world.tess)
        reject_payout(UUID(payout["id"]))
        world.post("/payments/payouts", {"amount": "1.00"}, person=world.tess)

    return ask


def refunding(world: World) -> Deed:
    session = world.watched()
    end(world.client, world.stan, session)
    settle()
    return partial(
        wallet.refund,
        purpose="session",
        ref=session["id"],
        amount_minor=100,
        reason="no sound",
        ticket=world.key,
        at=clock.now(),
    )


DEEDS = [
    starting,
    pytest.param(extending, marks=pytest.mark.torture),
    pytest.param(ending, marks=pytest.mark.torture),
    pytest.param(ending_unwatched, marks=pytest.mark.torture),
    settling,
    topping_up,
    pytest.param(asking_for_a_payout, marks=pytest.mark.torture),
    refunding,
]


@pytest.mark.sqlite_torture
@pytest.mark.parametrize("prepare", DEEDS)
def test_whoever_dies_on_the_way_finds_it_done_once_when_it_is_done_again(
    app: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[World], Deed],
) -> None:
    # How long a retry waits for whoever seems to be at it still; nobody is.
    monkeypatch.setattr(idempotency, "CLAIMED_FOR", timedelta(milliseconds=100))
    undisturbed, passed = World(client), list[str]()
    deed = prepare(undisturbed)
    with monkeypatch.context() as patch:
        patch.setattr(transactions, "crash_point", passed.append)
        deed()
    labels = list(dict.fromkeys(passed))
    assert len(labels) >= 2
    for label in labels:
        world = World(client)
        deed = prepare(world)
        assert dies_at(label, deed), label
        deed()
        assert (label, world.amounts()) == (label, undisturbed.amounts())
    assert broken_invariants(app) == []
