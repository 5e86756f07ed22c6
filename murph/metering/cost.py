"""What watched time costs, and who gets it. Integers in minor units and milliseconds only."""

from dataclasses import dataclass

BPS = 10_000
PRAISE, FIVE_STARS = 4, 5
BONUS_FROM = 600_000
"""The credibility that a praising review needs to bring a bonus, in millionths."""


@dataclass(frozen=True)
class Split:
    """A cost divided between the teacher and the platform, in minor units."""

    teacher_minor: int
    fee_minor: int


def cost_minor(*, used_ms: int, price_per_minute_minor: int) -> int:
    """Return the price of `used_ms` of watching: whole seconds, rounded down once.

    A pure function of the cumulative total. A sum of rounded steps would drift.
    """
    return (used_ms // 1000) * price_per_minute_minor // 60


def affordable_seconds(*, cap_minor: int, price_per_minute_minor: int) -> int:
    """Return the most seconds whose cost does not exceed `cap_minor`.

    The inverse of the floor in ``cost_minor``: cost(s) <= cap < cost(s + 1).
    """
    return ((cap_minor + 1) * 60 - 1) // price_per_minute_minor


def split(*, cost_minor: int, fee_bps: int) -> Split:
    """Divide `cost_minor`: the platform's fee rounded down, all the rest the teacher's."""
    fee_minor = cost_minor * fee_bps // BPS
    return Split(teacher_minor=cost_minor - fee_minor, fee_minor=fee_minor)


def refund_split(*, amount_minor: int, before_minor: int, paid: Split) -> Split:
    """Divide a refund as the payment was divided, of which `before_minor` was given back already.

    The fee's part is the difference of two floors of the cumulative refund: many small refunds come to
    the same as one, in any order, and the last one takes exactly what is left on either side.
    """
    paid_minor = paid.teacher_minor + paid.fee_minor
    fee_before_minor = before_minor * paid.fee_minor // paid_minor
    fee_minor = (before_minor + amount_minor) * paid.fee_minor // paid_minor - fee_before_minor
    return Split(teacher_minor=amount_minor - fee_minor, fee_minor=fee_minor)


def bonus_bps(*, rating: int, credibility: float) -> int:
    """Return which share of it a teacher gets on top for a review, in ten-thousandths, 0 for none.

    500 from a credibility of 0.6 on, up to 1500 at 1 for five stars and 1000 for four, rounded down. A
    credibility counts with the six decimals that are stored, so that no binary fraction moves the border.
    """
    millionths = round(credibility * 1_000_000)
    if rating < PRAISE or millionths < BONUS_FROM:
        return 0
    halves = 2 if rating == FIVE_STARS else 1
    return 500 + 1000 * (millionths - BONUS_FROM) * halves // (2 * (1_000_000 - BONUS_FROM))


def earned_bonus_minor(*, received: Split, bps: int) -> int:
    """Return the bonus on what teacher and platform have of a student's payments, 0 where there is none.

    A bonus above the fee is none. Of many tiny payments the fee may have been rounded away; then whoever
    reviews their own course under another name would be paid for it.
    """
    amount_minor = bonus_minor(base_minor=received.teacher_minor, bps=bps)
    return amount_minor if amount_minor <= received.fee_minor else 0


def bonus_minor(*, base_minor: int, bps: int) -> int:
    """Return `bps` ten-thousandths of what a teacher received, rounded down."""
    return base_minor * bps // BPS
