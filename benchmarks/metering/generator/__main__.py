"""Carry out the plan on stdin, against this machine only and never for longer than planned."""

import ipaddress
import json
import signal
import sys

from benchmarks.metering.generator.doors import ENTER_WITHIN_S, PATIENCE_S
from benchmarks.metering.generator.load import (
    GOODBYE_WITHIN_S,
    LAST_ACKS_WITHIN_S,
    Cut,
    Load,
    Paced,
    Saturated,
)
from benchmarks.metering.generator.plan import Mode, Plan
from benchmarks.metering.generator.storm import Storm

LONGEST_S = 900
LOADS: dict[Mode, type[Load]] = {"saturated": Saturated, "paced": Paced, "storm": Storm, "cut": Cut}


def main() -> None:
    """Load the server."""
    plan: Plan = json.load(sys.stdin)
    if not ipaddress.ip_address(plan["host"]).is_loopback:
        raise SystemExit("The generator loads this machine's own servers only.")
    signal.alarm(min(LONGEST_S, _allowed_s(plan)))
    LOADS[plan["mode"]](plan).run()


def _allowed_s(plan: Plan) -> int:
    rounds_s = plan["rounds"] * (PATIENCE_S + plan["measure_s"])
    playing_s = plan["warm_up_s"] + plan["measure_s"] + rounds_s
    return int(2 * ENTER_WITHIN_S + playing_s + LAST_ACKS_WITHIN_S + GOODBYE_WITHIN_S)


if __name__ == "__main__":
    main()
