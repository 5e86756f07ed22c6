"""Murph's money in plain Python: what every account must hold after whatever happened."""

from collections import Counter
from dataclasses import dataclass, field

PREVIEW_S = 60
FEE_BPS = 2_000


@dataclass
class Watched:
    """A session: its terms, and how far it got."""

    id: str
    price_minor: int
    locked_minor: int
    used_ms: int = 0
    is_free: bool = False
    refunded_minor: int = 0

    @property
    def cost_minor(self) -> int:
        """What was watched costs: whole seconds, rounded down once."""
        return 0 if self.is_free else self.used_ms // 1000 * self.price_minor // 60

    @property
    def fee_minor(self) -> int:
        """The platform's share, rounded down; the teacher has the rest."""
        return self.cost_minor * FEE_BPS // 10_000

    @property
    def affordable_s(self) -> int:
        """The most seconds whose price is not above the lock, counted up to."""
        seconds = self.locked_minor * 60 // self.price_minor
        while (seconds + 1) * self.price_minor // 60 <= self.locked_minor:
            seconds += 1
        return seconds


@dataclass
class Books:
    """Accounts by short names, one student's and one teacher's, and the sessions between them."""

    accounts: Counter[str] = field(default_factory=Counter)
    live: Watched | None = None
    ending: list[Watched] = field(default_factory=list)
    paid: list[Watched] = field(default_factory=list)
    has_preview: bool = True
    unrewarded_minor: int = 0

    def move(self, debit: str, credit: str, amount_minor: int) -> None:
        """Move an amount; nobody's account may fall below zero."""
        self.accounts[debit] -= amount_minor
        self.accounts[credit] += amount_minor
        assert self.accounts[debit] >= 0 or debit in ("outside", "bonus")

    def start(self, session_id: str, *, price_minor: int, locked_minor: int) -> None:
        """Lock funds for a session."""
        self.move("available", "locked", locked_minor)
        self.live = Watched(session_id, price_minor, locked_minor)

    def extend(self, amount_minor: int) -> None:
        """Lock more for the live session."""
        assert self.live is not None
        self.move("available", "locked", amount_minor)
        self.live.locked_minor += amount_minor

    def end(self) -> None:
        """End the live session: for free at once, else to be settled."""
        assert self.live is not None
        ended, self.live = self.live, None
        is_short = ended.used_ms < PREVIEW_S * 1000
        is_preview = is_short and self.has_preview and ended.used_ms // 1000 > 0
        ended.is_free = is_preview or ended.used_ms < 1000
        self.has_preview = self.has_preview and not is_preview
        if ended.is_free:
            self.move("locked", "available", ended.locked_minor)
        else:
            self.ending.append(ended)

    def settle(self) -> None:
        """Pay out every session that ended."""
        for ended in self.ending:
            self.move("locked", "earned", ended.cost_minor - ended.fee_minor)
            self.unrewarded_minor += ended.cost_minor - ended.fee_minor
            self.move("locked", "fee", ended.fee_minor)
            self.move("locked", "available", ended.locked_minor - ended.cost_minor)
        self.paid += self.ending
        self.ending = []

    def reward(self, base_minor: int, bps: int) -> int:
        """Pay a bonus, rounded down, and return it; what was its base is so for no other one."""
        amount_minor = base_minor * bps // 10_000
        if amount_minor:
            self.move("bonus", "earned", amount_minor)
            self.unrewarded_minor -= base_minor
        return amount_minor

    def refund(self, paid: Watched, amount_minor: int, *, platform_pays: bool) -> bool:
        """Give a part of what was paid back, the fee's part by cumulative floors; False when it cannot be."""
        after_minor = paid.refunded_minor + amount_minor
        fee_minor = after_minor * paid.fee_minor // paid.cost_minor
        fee_minor -= paid.refunded_minor * paid.fee_minor // paid.cost_minor
        teacher_minor = amount_minor - fee_minor
        missing_minor = max(0, teacher_minor - self.accounts["earned"])
        if missing_minor and not platform_pays:
            return False
        self.move("earned", "available", teacher_minor - missing_minor)
        self.move("bonus", "available", missing_minor)
        self.move("fee", "available", fee_minor)
        paid.refunded_minor = after_minor
        return True
