"""``flask discovery simulator``."""

from murph.discovery.cli.group import discovery
from murph.gateways.ai.simulators.command import simulator

discovery.add_command(simulator)
