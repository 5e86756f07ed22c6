"""How much money came to which end; counted once that is durable."""

from functools import partial

from murph.core import metrics
from murph.core.db import after_commit

_TOP_UPS = metrics.counter(
    "murph_top_ups_minor_total", "What top-ups that came to a state were for.", "state"
)
_PAYOUTS = metrics.counter(
    "murph_payouts_minor_total", "What payouts that were decided on were for.", "state"
)


def top_ups(state: str, amount_minor: int) -> None:
    """Count top-ups that have just come to this state, by what was asked for."""
    after_commit(partial(_TOP_UPS.labels(state).inc, amount_minor))


def payout(state: str, amount_minor: int) -> None:
    """Count a payout that has just been confirmed or rejected."""
    after_commit(partial(_PAYOUTS.labels(state).inc, amount_minor))
