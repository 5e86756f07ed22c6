"""``flask review``: reviews and what they bring, for administrators."""

from murph.review.cli import bonuses, recompute, reports, signals
from murph.review.cli.group import review

__all__ = ["bonuses", "recompute", "reports", "review", "signals"]
