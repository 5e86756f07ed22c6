"""The players at work, and what is counted while they are measured."""

import json
import select
import time
from abc import ABC, abstractmethod
from array import array
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from benchmarks.metering.generator.doors import Doors
from benchmarks.metering.generator.plan import Plan, Target
from benchmarks.metering.generator.player import Account, Player

HANDSHAKES_AT_ONCE = 50
LAST_ACKS_WITHIN_S = 5.0
GOODBYE_WITHIN_S = 10.0


class Load(ABC):
    """Players that connect, play, are measured for a while, and leave."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.poll = select.epoll()
        self.players: dict[int, Player] = {}
        self.accounts: dict[str, Account] = {}
        self.losses: Counter[str] = Counter()
        self.latencies_s = array("d")
        self._is_measuring = False
        self._unacked = 0

    def run(self) -> None:
        """Connect, warm up, measure, stop."""
        self.connect()
        self.start()
        self.play(self.plan["warm_up_s"])
        say("measuring")
        say("measured", **self.measure(self.plan["measure_s"]))
        self.stop()

    def connect(self) -> None:
        """Bring everybody in, a few at a time."""
        targets, began = self.plan["targets"], time.monotonic()
        tenth = max(1, len(targets) // 10)
        self.add(targets[:tenth])
        say("warm", players=tenth)
        self.add(targets[tenth:])
        say("connected", players=len(targets), handshakes_per_s=len(targets) / (time.monotonic() - began))

    def add(self, targets: Sequence[Target], doors: Doors | None = None) -> None:
        """Connect these, a few at a time unless by other doors."""
        doors = doors or Doors(self.plan, at_once=HANDSHAKES_AT_ONCE, is_patient=False)
        for player in doors.enter(targets):
            self.players[player.sock.fileno()] = player
            self.poll.register(player.sock, select.EPOLLIN)
            self.listen(0)  # those who wait for the others are pinged meanwhile

    @abstractmethod
    def start(self) -> None:
        """Begin to play."""

    @abstractmethod
    def play(self, seconds: float) -> None:
        """Tick and take acks for so long."""

    def tick(self, player: Player, now: float) -> None:
        """Send a player's next tick."""
        try:
            player.tick(now)
        except OSError as error:
            self.lose(player, error)

    def listen(self, within_s: float) -> None:
        """Take what has arrived, waiting at most so long for something."""
        for fileno, _ in self.poll.poll(within_s):
            self.hear(fileno)

    def hear(self, fileno: int) -> Player | None:
        """Take a player's acks; return the player, or None when its connection is lost."""
        player = self.players[fileno]
        try:
            for took_s in player.acks():
                if self._is_measuring:
                    self.latencies_s.append(took_s)
        except OSError as error:
            self.lose(player, error)
            return None
        return player

    def lose(self, player: Player, why: OSError) -> None:
        """Note that a connection is gone, and what it still owed."""
        self.losses[str(why)] += 1
        self._unacked += player.seq - player.acked_seq
        self.forget(player)

    def forget(self, player: Player) -> None:
        """Close a connection without a word and keep its account."""
        path = player.target["path"]
        self.accounts[path] = player.account(self.accounts.get(path))
        self.players.pop(player.sock.fileno(), None)
        player.sock.close()

    def measure(self, seconds: float) -> dict[str, Any]:
        """Play for so long and return the figures of that time."""
        self._is_measuring, self.latencies_s = True, array("d")
        began, cpu_began = time.monotonic(), time.process_time()
        self.play(seconds)
        took_s, cpu_s = time.monotonic() - began, time.process_time() - cpu_began
        self._is_measuring = False
        acks = len(self.latencies_s)
        return {
            "players": len(self.players),
            "acks": acks,
            "seconds": took_s,
            "acks_per_s": acks / took_s,
            **percentiles(self.latencies_s),
            "generator_cpu": cpu_s / took_s,
        }

    def stop(self) -> None:
        """Wait for the last acks, say goodbye, and say how everybody fared."""
        ends = time.monotonic() + LAST_ACKS_WITHIN_S
        while self._waiting() and (now := time.monotonic()) < ends:
            self.listen(ends - now)
        self._unacked += sum(player.seq - player.acked_seq for player in self.players.values())
        for player in list(self.players.values()):
            with suppress(OSError):
                player.leave()
        for player in list(self.players.values()):
            with suppress(OSError):
                player.wait_for_goodbye(GOODBYE_WITHIN_S)
            self.forget(player)
        self.say_stopped()

    def say_stopped(self) -> None:
        """Say how everybody fared."""
        say("stopped", unacked=self._unacked, losses=dict(self.losses), accounts=self.accounts)

    def _waiting(self) -> bool:
        return any(player.is_waiting for player in self.players.values())


class Saturated(Load):
    """Every player ticks again as soon as its last tick is acknowledged."""

    def start(self) -> None:
        """Let everybody tick."""
        for player in list(self.players.values()):
            self.tick(player, time.monotonic())

    def play(self, seconds: float) -> None:
        """Answer acks with ticks for so long, or until there are enough, or nobody is left."""
        ends, most = time.monotonic() + seconds, self.plan["max_acks"]
        while (now := time.monotonic()) < ends and len(self.latencies_s) < most and self.players:
            for fileno, _ in self.poll.poll(ends - now):
                player = self.hear(fileno)
                if player is not None and not player.is_waiting:
                    self.tick(player, time.monotonic())


class Cut(Saturated):
    """Players whose server is taken away while they play: nobody is left to say goodbye to."""

    def stop(self) -> None:
        """Say how everybody fared."""
        self.say_stopped()


class Paced(Load):
    """Every player ticks at its interval; the ticks are spread evenly over it.

    A latency counts from the moment at which the tick was due, so that a server which makes the
    generator wait does not look faster by that.
    """

    def start(self) -> None:
        """Draw up who ticks when."""
        self._order = list(self.players.values())
        self._step_s = self.plan["interval_s"] / len(self._order)
        self._number, self._due = 0, time.monotonic()

    def play(self, seconds: float) -> None:
        """Tick on time and take acks for so long."""
        ends = time.monotonic() + seconds
        while (now := time.monotonic()) < ends and self.players:
            self._tick_what_is_due(now)
            self.listen(max(0.0, min(ends, self._due) - now))

    def _tick_what_is_due(self, now: float) -> None:
        while self._due <= now:
            player = self._order[self._number % len(self._order)]
            if player.sock.fileno() in self.players:
                self.tick(player, self._due)
            self._number += 1
            self._due += self._step_s


def percentiles(latencies_s: Sequence[float]) -> dict[str, float]:
    """Return the middle, the slow end and the slowest, in ms."""
    ordered = sorted(latencies_s) or [0.0]
    shares = (("p50_ms", 0.5), ("p99_ms", 0.99))
    found = {name: ordered[int(len(ordered) * share)] * 1000 for name, share in shares}
    return found | {"max_ms": ordered[-1] * 1000}


def say(event: str, **figures: Any) -> None:
    """Tell the starter."""
    print(json.dumps({"event": event, **figures}), flush=True)
