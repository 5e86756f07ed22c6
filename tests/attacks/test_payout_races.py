"""Payouts that are asked for at the same moment, on a server with many threads."""

from collections import Counter
from uuid import UUID

import pytest

from murph.core import clock
from murph.ledger import codes
from murph.wallet import service as wallet
from tests.attacks.released_together import released_together, request
from tests.support.house import House
from tests.support.people import Teacher


@pytest.fixture
def tess(house: House) -> Teacher:
    """A teacher who has 10.00."""
    tess = Teacher(house.url)
    with house.app.app_context():
        wallet.adjust(
            ticket=f"welcome {tess.id}",
            debit=codes.PLATFORM_BONUS,
            credit=codes.teacher_earned(UUID(tess.id)),
            amount_minor=1_000,
            currency="USD",
            reason="a start",
            at=clock.now(),
        )
    return tess


def test_twenty_payouts_at_once_take_what_is_there_and_no_more(house: House, tess: Teacher) -> None:
    asked = request(tess, "/payments/payouts", {"amount": "3.00"})
    answers = released_together(house.url, [asked] * 20)
    assert Counter(answer.status for answer in answers) == {201: 3, 402: 17}
    short = {(a.body["code"], a.body["required"], a.body["available"]) for a in answers if a.status == 402}
    assert ("insufficient_funds", "3.00", "1.00") in short
    assert (tess.balance["earned"], tess.balance["payout_pending"]) == ("1.00", "9.00")
    assert len(tess.get("/payments/payouts")["items"]) == 3
    assert house.broken_invariants() == []
