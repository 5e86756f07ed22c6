"""``flask wallet``: money, for administrators; one file per command or two."""

from murph.wallet.cli import adjust, payouts, top_ups
from murph.wallet.cli.group import wallet

__all__ = ["adjust", "payouts", "top_ups", "wallet"]
