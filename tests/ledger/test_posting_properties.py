"""Whatever is posted, the books balance and equal a plain model of them."""

from collections import Counter

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import service as ledger
from murph.ledger.service import InsufficientBalance, Leg
from tests.ledger.tampering import broken
from tests.ledger.test_posting import post

LEGS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 100)).filter(lambda leg: leg[0] != leg[1]),
    min_size=1,
    max_size=4,
)
FRESH_DATABASE_IS_NOT_NEEDED = [HealthCheck.function_scoped_fixture]  # each example has its own accounts


def fresh_accounts() -> list[str]:
    ada, bob = new_id(), new_id()
    own = [codes.user_available(ada), codes.teacher_earned(bob), codes.teacher_earned(ada)]
    return [codes.external_topup("sandbox"), codes.PLATFORM_BONUS, codes.user_available(bob), *own]


@settings(max_examples=15, deadline=None, suppress_health_check=FRESH_DATABASE_IS_NOT_NEEDED)
@given(postings=st.lists(LEGS, max_size=8))
def test_the_books_equal_a_plain_model(app: Flask, postings: list[list[tuple[int, int, int]]]) -> None:
    accounts = fresh_accounts()
    model = Counter(ledger.balances_minor(accounts))
    for posting in postings:
        after = Counter(model)
        possible = True
        for debit, credit, amount_minor in posting:
            after[accounts[debit]] -= amount_minor
            after[accounts[credit]] += amount_minor
            possible &= codes.is_unbounded(accounts[debit]) or after[accounts[debit]] >= 0
        legs = [Leg(accounts[debit], accounts[credit], amount) for debit, credit, amount in posting]
        if possible:
            post(*legs)
            model = after
        else:
            with pytest.raises(InsufficientBalance):
                post(*legs)

    assert ledger.balances_minor(accounts) == dict(model)
    assert broken() == {}
