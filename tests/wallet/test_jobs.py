"""What the wallet's jobs leave of a worker's time to the other jobs."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from murph.core import clock, queue
from murph.gateways.payment.port import Payment, PaymentStatus
from murph.wallet import service as wallet
from murph.wallet.jobs import CHECKING_MS, SILENT_IN_A_ROW
from murph.wallet.models import TopUp
from tests.wallet.elsewhere import Elsewhere, asked, found
from tests.wallet.wallets import person


class Stopwatch(clock.SystemClock):
    """A clock whose durations are what tests say."""

    elapsed_ms = 0

    def monotonic_ms(self) -> int:
        return self.elapsed_ms


@pytest.fixture
def stopwatch() -> Iterator[Stopwatch]:
    stopwatch = Stopwatch()
    previous = clock.use(stopwatch)
    yield stopwatch
    clock.use(previous)


def test_a_slow_gateway_keeps_a_worker_for_a_bounded_time_and_the_next_ring_goes_on(
    elsewhere: Elsewhere, stopwatch: Stopwatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        asked(elsewhere, person())

    def look_slowly(payment_id: str) -> Payment:
        stopwatch.elapsed_ms += CHECKING_MS // 2
        return Elsewhere.look(elsewhere, payment_id)

    monkeypatch.setattr(elsewhere, "look", look_slowly)
    looks = []
    for _ in range(3):
        queue.perform("wallet.check_top_ups", {})
        looks.append(len(elsewhere.looks))
    assert looks == [2, 4, 5]
    assert sorted(elsewhere.looks) == sorted(elsewhere.payments)


def overdue(elsewhere: Elsewhere, count: int) -> list[TopUp]:
    """Return top-ups in the order in which they are due."""
    now = clock.now()
    return [asked(elsewhere, person(), at=now - timedelta(minutes=count - n)) for n in range(count)]


def test_one_payment_without_an_answer_holds_up_no_other(elsewhere: Elsewhere) -> None:
    ill, *others = overdue(elsewhere, 4)
    elsewhere.unanswerable = {ill.payment_id}
    for top_up in others:
        elsewhere.turn(top_up.payment_id, status=PaymentStatus.PAID)
    queue.perform("wallet.check_top_ups", {})

    assert elsewhere.looks == [top_up.payment_id for top_up in (ill, *others)]
    assert [wallet.available_minor(found(top_up).user_id) for top_up in others] == [5000] * 3


def test_a_gateway_that_answers_nothing_is_left_alone_until_the_next_ring(elsewhere: Elsewhere) -> None:
    elsewhere.unanswerable = {each.payment_id for each in overdue(elsewhere, SILENT_IN_A_ROW + 2)}
    queue.perform("wallet.check_top_ups", {})
    assert len(elsewhere.looks) == SILENT_IN_A_ROW


def test_silence_between_answers_is_no_gateway_that_is_away(elsewhere: Elsewhere) -> None:
    payments = [each.payment_id for each in overdue(elsewhere, 2 * SILENT_IN_A_ROW)]
    elsewhere.unanswerable = {*payments} - {payments[SILENT_IN_A_ROW - 1]}
    queue.perform("wallet.check_top_ups", {})
    assert len(elsewhere.looks) == 2 * SILENT_IN_A_ROW


def test_a_payment_that_was_rung_for_is_looked_at_before_those_that_are_overdue(elsewhere: Elsewhere) -> None:
    *_, rung = overdue(elsewhere, 4)
    payment_id = rung.payment_id
    wallet.note_event(
        gateway="elsewhere", event_id="evt_1", type="moved", payment_id=payment_id, at=clock.now()
    )
    queue.perform("wallet.check_top_ups", {})
    assert (elsewhere.looks[0], len(elsewhere.looks)) == (payment_id, 4)
