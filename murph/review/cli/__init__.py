"""``flask review``: reviews and what they bring, for administrators."""

from murph.review.cli import bonuses, recompute, removal, reports, signals
from murph.review.cli.group import review

__all__ = ["bonuses", "recompute", "removal", "reports", "review", "signals"]
