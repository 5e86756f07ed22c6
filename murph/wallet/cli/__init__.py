"""``flask wallet``: money, for administrators; one file per command or two."""

from murph.wallet.cli import adjust, payouts, reconcile, refunds, simulator, top_ups
from murph.wallet.cli.group import wallet

__all__ = ["adjust", "payouts", "reconcile", "refunds", "simulator", "top_ups", "wallet"]
