"""``flask review``: reviews and what they bring, for administrators."""

from murph.review.cli import bonuses, reports, signals
from murph.review.cli.group import review

__all__ = ["bonuses", "reports", "review", "signals"]
