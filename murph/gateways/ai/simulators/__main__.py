"""Run with ``python -m murph.gateways.ai.simulators``."""

from murph.gateways.ai.simulators.command import simulator

simulator()
