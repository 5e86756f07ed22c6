"""Signs in who writes: how old the account is, whom it pays, and what it shares with the teacher."""

from datetime import datetime, timedelta

from murph.metering.cost import PRAISE
from murph.review.fraud.findings import Finding

YOUNG_FOR = timedelta(days=7)
MOST_PCT = 80
MANY_COURSES = 2

YOUNG_ACCOUNT, ONE_TEACHER = "young_account", "one_teacher"
SAME_ADDRESS, SAME_DEVICE, SAME_WALLET = "same_address", "same_device", "same_wallet"
OF_PRAISE = (SAME_ADDRESS, SAME_DEVICE, SAME_WALLET)
"""Signs that somebody praises themselves. They say nothing against a critic: a teacher could make them up."""
SUSPENDED = "suspended"


def of_age(*, joined_at: datetime, written_at: datetime) -> list[Finding]:
    """Look at how old an account was when it wrote a review."""
    age = written_at - joined_at
    if age >= YOUNG_FOR:
        return []
    reason = f"The account was less than {YOUNG_FOR.days} days old when it wrote this."
    return [Finding(YOUNG_ACCOUNT, 0.5, reason, {"age_hours": int(age / timedelta(hours=1))})]


def of_spending(*, with_teacher_minor: int, total_minor: int, courses_reviewed: int) -> list[Finding]:
    """Look at how much of all that a student ever spent went to the teacher of the course.

    Everybody's first course is all they ever spent on, so this costs little. It costs more for who
    reviews one course of the teacher after the other; beside a young account even that is no flag.
    """
    if not total_minor or with_teacher_minor * 100 < total_minor * MOST_PCT:
        return []
    share_pct = with_teacher_minor * 100 // total_minor
    multiplier = 0.6 if courses_reviewed >= MANY_COURSES else 0.8
    reason = f"{share_pct} % of what the student ever spent went to this teacher."
    facts = {"share_pct": share_pct, "courses_reviewed": courses_reviewed}
    return [Finding(ONE_TEACHER, multiplier, reason, facts)]


def of_origin(*, rating: int, address: bool, device: bool) -> list[Finding]:
    """Look at whether who praises and the teacher signed in from one address, and with one kind of browser.

    The browser alone is no sign: millions of people have the same.
    """
    if not address or rating < PRAISE:
        return []
    if device:
        reason = "Student and teacher signed in from one address with the same browser."
        return [Finding(SAME_DEVICE, 0.0, reason, {})]
    return [Finding(SAME_ADDRESS, 0.25, "Student and teacher signed in from one address.", {})]


def of_wallet(*, rating: int, same: bool) -> list[Finding]:
    """Look at whether who praises and the teacher have one wallet."""
    reason = "Student and teacher have the same wallet address."
    return [Finding(SAME_WALLET, 0.0, reason, {})] if same and rating >= PRAISE else []


def of_state(*, suspended: bool) -> list[Finding]:
    """Look at whether the account is suspended."""
    return [Finding(SUSPENDED, 0.0, "The account is suspended.", {})] if suspended else []
