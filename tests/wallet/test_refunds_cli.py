"""``flask wallet refund``."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from murph.auth.models import User
from murph.core.db import db
from murph.core.ids import new_id
from murph.ledger.models import JournalTxn
from murph.wallet import service as wallet
from tests.wallet.test_cli import run
from tests.wallet.wallets import AT, hold, person, student_with


@pytest.fixture
def session(app: Flask) -> str:
    """The id of a session that cost 2.00."""
    held = hold(student_with(1_000), 500)
    wallet.settle(hold_id=held.id, teacher_id=person("teacher"), teacher_minor=160, fee_minor=40, at=AT)
    return held.ref


def refund(app: Flask, session: str, *arguments: str) -> Result:
    ticket = [] if any("T-1" in each for each in arguments) else [f"--ticket={new_id()}"]
    return run(app, "wallet", "refund", "--session", session, "--reason", "no sound", *ticket, *arguments)


def refunded(session: str) -> list[int]:
    return [made.amount_minor for made in wallet.refunds(purpose="session", ref=session)]


def test_a_part_and_then_the_rest_of_a_session_are_given_back(app: Flask, session: str) -> None:
    first, rest = refund(app, session, "--amount", "0.50"), refund(app, session, "--all")

    assert (first.exit_code, rest.exit_code) == (0, 0)
    assert "0.50 USD given back, 0.40 by the teacher, 0.10 from platform:fee" in first.stdout
    assert refunded(session) == [50, 150]
    spent = refund(app, session, "--all")
    assert (spent.exit_code, "given back before" in spent.stderr) == (1, True)


def test_a_ticket_gives_back_once(app: Flask, session: str) -> None:
    first, again = (refund(app, session, "--amount=0.50", key, "T-1").stdout for key in ("--ticket", "--key"))

    assert first.startswith("Refund ")
    assert again == first.replace("Refund", "Nothing new: the earlier refund")
    assert refund(app, session, "--all", "--ticket=T-1").exit_code == 1
    assert refunded(session) == [50]


def test_a_refund_needs_a_ticket(app: Flask, session: str) -> None:
    arguments = ["--session", session, "--reason=x", "--amount=0.50"]

    assert run(app, "wallet", "refund", *arguments).exit_code == 2
    assert refunded(session) == []


@pytest.mark.parametrize("much", [[], ["--all", "--amount=0.50"]])
def test_how_much_must_be_said_once(app: Flask, session: str, much: list[str]) -> None:
    assert refund(app, session, *much).exit_code == 2
    assert refunded(session) == []


def test_a_session_that_nobody_paid_for_is_refused(app: Flask) -> None:
    result = refund(app, str(new_id()), "--all")

    assert (result.exit_code, "No money was ever set aside" in result.stderr) == (1, True)


def test_who_gave_it_back_is_kept(app: Flask, session: str) -> None:
    admin = person("admin")
    email = db.session.get_one(User, admin).email
    assert refund(app, session, "--all", "--by", email).exit_code == 0
    student = db.session.get_one(User, person()).email
    assert refund(app, session, "--all", "--by", student).exit_code == 2

    assert list(db.session.scalars(select(JournalTxn.actor_id).filter_by(kind="refund"))) == [admin]
