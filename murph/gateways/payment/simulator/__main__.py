"""Run with ``python -m murph.gateways.payment.simulator``."""

from murph.gateways.payment.simulator.command import simulator

simulator()
