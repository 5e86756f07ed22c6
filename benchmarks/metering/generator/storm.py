"""Everybody loses the connection at once and comes back at once, several times."""

import time
from typing import Any

from benchmarks.metering.generator.doors import Doors
from benchmarks.metering.generator.load import Paced, percentiles, say


class Storm(Paced):
    """Paced players that all have to connect again."""

    def run(self) -> None:
        """Play, then as often as planned break everything off, come back and play on."""
        self.connect()
        self.start()
        self.play(self.plan["warm_up_s"])
        say("measuring")
        for _ in range(self.plan["rounds"]):
            figures = self._come_back() | self._play_on()
            entered = len(self.plan["targets"]) - figures["never_entered"]
            figures["lost_sockets"] = entered - len(self.players)
            say("round", figures=figures, refusals=dict(self._refusals), losses=dict(self.losses))
        self.stop()

    def _come_back(self) -> dict[str, Any]:
        for player in list(self.players.values()):
            self.forget(player)
        began, cpu_began = time.monotonic(), time.process_time()
        targets = self.plan["targets"]
        doors = Doors(self.plan, at_once=len(targets), is_patient=True)
        self.add(targets, doors)
        self._refusals = doors.refusals
        all_s, cpu_s = time.monotonic() - began, time.process_time() - cpu_began
        took = percentiles([player.took_s for player in self.players.values()])
        return {
            "all_ready_s": all_s,
            "ready_p50_ms": took["p50_ms"],
            "ready_p99_ms": took["p99_ms"],
            "never_entered": doors.outside,
            "knocked_again": doors.refusals.total(),
            "lost_seconds": self._lost_seconds(),
            "storm_cpu": cpu_s / all_s,
        }

    def _lost_seconds(self) -> int:
        """Return how much was acknowledged before and is not there now."""
        found = (
            (self.accounts[player.target["path"]]["acked_s"], player.used_s)
            for player in self.players.values()
        )
        return sum(max(0, acked_s - used_s) for acked_s, used_s in found)

    def _play_on(self) -> dict[str, Any]:
        self.start()
        return self.measure(self.plan["measure_s"])
