"""``flask wallet simulator``."""

from murph.gateways.payment.simulator.command import simulator
from murph.wallet.cli.group import wallet

wallet.add_command(simulator)
