"""What the wallet's jobs leave of a worker's time to the other jobs."""

from collections.abc import Iterator

import pytest

from murph.core import clock, queue
from murph.gateways.payment.port import Payment
from murph.wallet.jobs import CHECKING_MS
from tests.wallet.elsewhere import Elsewhere, asked
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
