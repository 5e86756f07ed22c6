"""Payments in the gateway's escrow: released once, whatever becomes of the answers."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from murph.gateways.payment.port import PaymentStatus
from murph.wallet import service as wallet
from murph.wallet.models import TopUp
from murph.wallet.service.top_ups import (
    MAY_SETTLE_BY_ITSELF,
    RELEASE_ARRIVES_WITHIN,
    SHORTEST_WAIT,
)
from tests.ledger.racing import race
from tests.ledger.tampering import broken
from tests.wallet.elsewhere import Elsewhere, asked, found, poll
from tests.wallet.wallets import AT, person

HOUR = timedelta(hours=1)


def test_what_lies_in_escrow_is_released_once_and_credited(elsewhere: Elsewhere) -> None:
    ada = person()
    top_up = asked(elsewhere, ada)
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.FUNDED)
    poll(elsewhere, AT + SHORTEST_WAIT)
    assert (found(top_up).status, elsewhere.releases) == ("pending", [top_up.payment_id])
    poll(elsewhere, AT + 2 * SHORTEST_WAIT)

    assert (found(top_up).status, wallet.available_minor(ada)) == ("paid", 5000)
    assert elsewhere.releases == [top_up.payment_id]
    assert broken() == {}


def test_a_release_whose_answer_was_lost_is_never_repeated(elsewhere: Elsewhere) -> None:
    ada = person()
    top_up = asked(elsewhere, ada)
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.FUNDED)
    elsewhere.loses_answers = True
    for minutes in range(1, 20, 5):
        poll(elsewhere, AT + timedelta(minutes=minutes))
    assert elsewhere.releases == [top_up.payment_id]
    assert wallet.available_minor(ada) == 0
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    poll(elsewhere, AT + HOUR)

    assert (elsewhere.releases, wallet.available_minor(ada)) == ([top_up.payment_id], 5000)


def test_a_release_that_was_refused_is_tried_again_at_the_next_look(elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, ada := person())
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.FUNDED)
    elsewhere.refuses_releases = True
    poll(elsewhere, AT + SHORTEST_WAIT)
    assert (found(top_up).released_at, elsewhere.releases) == (None, [])
    elsewhere.refuses_releases = False
    for look in (2, 3):
        poll(elsewhere, AT + look * SHORTEST_WAIT)

    assert (elsewhere.releases, wallet.available_minor(ada)) == ([top_up.payment_id], 5000)


def test_a_release_that_never_arrived_is_repeated_when_none_can_arrive_any_more(elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, ada := person())
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.FUNDED)
    elsewhere.loses_releases = True
    poll(elsewhere, marked_at := AT + SHORTEST_WAIT)
    elsewhere.loses_releases = False
    seen = elsewhere.look(str(top_up.payment_id))
    for too_soon in (timedelta(0), RELEASE_ARRIVES_WITHIN - timedelta(seconds=1)):
        wallet.follow_payment(top_up_id=top_up.id, payment=seen, gateway=elsewhere, at=marked_at + too_soon)
    assert (found(top_up).released_at, len(elsewhere.releases)) == (marked_at, 1)
    for _ in range(2):
        wallet.check_top_up(top_up_id=top_up.id, gateway=elsewhere, at=marked_at + RELEASE_ARRIVES_WITHIN)

    assert (len(elsewhere.releases), wallet.available_minor(ada)) == (2, 5000)
    assert found(top_up).released_at == marked_at + RELEASE_ARRIVES_WITHIN


def test_a_refusal_takes_back_no_other_mark_than_its_own(elsewhere: Elsewhere) -> None:
    top_up = asked(elsewhere, person())
    assert wallet.mark_released(top_up_id=top_up.id, at=AT)
    wallet.unmark_released(top_up_id=top_up.id, marked_at=AT - HOUR)
    assert found(top_up).released_at == AT


def paid_into_escrow(elsewhere: Elsewhere, user_id: UUID) -> TopUp:
    """Return a top-up that was credited at AT + HOUR, while the gateway keeps the money."""
    top_up = asked(elsewhere, user_id)
    elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID, awaits_release=True)
    poll(elsewhere, AT + HOUR)
    assert (found(top_up).status, wallet.available_minor(user_id)) == ("paid", 5000)
    assert elsewhere.releases == []
    return top_up


RELEASED_AT = AT + HOUR + MAY_SETTLE_BY_ITSELF


def test_what_is_paid_before_its_release_is_credited_and_then_released_once(elsewhere: Elsewhere) -> None:
    top_up = paid_into_escrow(elsewhere, ada := person())
    poll(elsewhere, RELEASED_AT - timedelta(seconds=1))
    assert elsewhere.releases == []
    for look in range(3):
        poll(elsewhere, RELEASED_AT + look * HOUR)

    assert (elsewhere.releases, wallet.available_minor(ada)) == ([top_up.payment_id], 5000)
    assert found(top_up).next_look_at is None
    assert broken() == {}


def test_what_the_gateway_pays_out_by_itself_after_a_look_is_not_released(elsewhere: Elsewhere) -> None:
    top_up = paid_into_escrow(elsewhere, person())
    elsewhere.turn(top_up.payment_id, awaits_release=False)
    poll(elsewhere, RELEASED_AT)

    assert (elsewhere.releases, found(top_up).next_look_at) == ([], None)


def test_the_lost_release_of_what_is_paid_is_never_repeated(elsewhere: Elsewhere) -> None:
    top_up = paid_into_escrow(elsewhere, ada := person())
    elsewhere.loses_answers = True
    for look in range(4):
        poll(elsewhere, RELEASED_AT + look * HOUR)

    assert (elsewhere.releases, wallet.available_minor(ada)) == ([top_up.payment_id], 5000)


def test_what_is_paid_is_released_after_the_gateway_was_away(elsewhere: Elsewhere) -> None:
    top_up = paid_into_escrow(elsewhere, person())
    elsewhere.is_away = True
    poll(elsewhere, RELEASED_AT)
    elsewhere.is_away = False
    poll(elsewhere, RELEASED_AT + HOUR)

    assert elsewhere.releases == [top_up.payment_id]


@pytest.mark.parametrize("is_paid", [False, True], ids=["funded", "paid"])
def test_looks_at_what_lies_in_escrow_released_together_release_it_once(
    app: Flask, elsewhere: Elsewhere, is_paid: bool
) -> None:
    ada = person()
    top_up = paid_into_escrow(elsewhere, ada) if is_paid else asked(elsewhere, ada)
    if not is_paid:
        elsewhere.turn(top_up.payment_id, status=PaymentStatus.FUNDED)
    seen, top_up_id = elsewhere.look(str(top_up.payment_id)), top_up.id
    race(
        app,
        6,
        lambda _: wallet.follow_payment(top_up_id=top_up_id, payment=seen, gateway=elsewhere, at=RELEASED_AT),
    )
    assert elsewhere.releases == [top_up.payment_id]
    poll(elsewhere, RELEASED_AT + HOUR)
    assert wallet.available_minor(ada) == 5000
