"""Many postings at once."""

from flask import Flask

from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.service import InsufficientBalance, Leg
from tests.ledger.racing import race
from tests.ledger.tampering import broken
from tests.ledger.test_posting import AVAILABLE, EARNED, OUTSIDE, count, fund, post

RUNNERS = 8


def test_racing_debits_never_overdraw(app: Flask) -> None:
    fund(500)
    done, refused = race(app, RUNNERS, lambda _: post(Leg(AVAILABLE, EARNED, 100)))

    assert len(done) == 5
    assert {type(refusal) for refusal in refused} == {InsufficientBalance}
    assert ledger.balances_minor([AVAILABLE, EARNED]) == {AVAILABLE: 0, EARNED: 500}
    assert broken() == {}


def test_one_event_posted_by_everybody_at_once_happens_once(app: Flask) -> None:
    done, refused = race(app, RUNNERS, lambda _: post(Leg(OUTSIDE, AVAILABLE, 100), ref="payment-1").id)

    assert (len(set(done)), len(done), refused) == (1, RUNNERS, [])
    assert (count(), ledger.balance_minor(AVAILABLE)) == (1, 100)
    assert broken() == {}


def test_opposite_movements_between_the_same_accounts_all_succeed(app: Flask) -> None:
    fund(500)
    post(Leg(OUTSIDE, EARNED, 500))
    ways = [(AVAILABLE, EARNED), (EARNED, AVAILABLE)]
    done, refused = race(app, RUNNERS, lambda number: post(Leg(*ways[number % 2], 10)))

    assert (len(done), refused) == (RUNNERS, [])
    assert ledger.balance_minor(AVAILABLE) == 500
    assert broken() == {}


def test_new_accounts_are_opened_once_by_everybody_at_once(app: Flask) -> None:
    fresh = [codes.user_available(new_id()) for _ in range(3)]
    done, refused = race(
        app, RUNNERS, lambda number: post(*(Leg(OUTSIDE, fresh[(number + k) % 3], 1) for k in range(3)))
    )

    assert (len(done), refused) == (RUNNERS, [])
    assert ledger.balances_minor(fresh) == dict.fromkeys(fresh, RUNNERS)
    assert broken() == {}
