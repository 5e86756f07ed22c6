"""The deployment's rules for sessions, handed to the verbs as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

LOCK_EXPIRES_AFTER = timedelta(minutes=15)
PAUSE_LIMIT = timedelta(minutes=15)
LOOK_EVERY = timedelta(minutes=1)
"""How often the sweep looks at a session that says nothing by nature: paused over REST, or only locked."""
CLOCK_SKEW = timedelta(minutes=5)
"""How far the clocks of two machines may differ before one of them counts as set back."""
SLICE_LENGTH = timedelta(minutes=1)
MAX_INTERVAL_FACTOR = 4
"""Under load the tick interval may grow to this multiple of the configured one."""


@dataclass(frozen=True)
class Rules:
    """Money and time limits that apply to every session of this deployment."""

    currency: str
    default_lock_minor: int
    fee_bps: int
    preview_ms: int
    interval_ms: int
    grace_ms: int

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Read the rules from the application's settings."""
        return cls(
            currency=config["CURRENCY"],
            default_lock_minor=config["DEFAULT_LOCK_MINOR"],
            fee_bps=config["PLATFORM_FEE_BPS"],
            preview_ms=config["MIN_SESSION_DURATION_SECONDS"] * 1000,
            interval_ms=round(config["METERING_UPDATE_INTERVAL_SECONDS"] * 1000),
            grace_ms=round(config["RECONNECT_GRACE_SECONDS"] * 1000),
        )

    @property
    def silence(self) -> timedelta:
        """Return how long a playing session may be silent before the sweep looks at it."""
        return timedelta(milliseconds=self.interval_ms + self.grace_ms)

    @property
    def confirmation(self) -> timedelta:
        """Return how long the sweep waits for a sign of life: the silence once more, and any tick interval.

        One of the two waits may be a step of the wall clock; the other one is real.
        """
        return max(self.silence, self.longest_interval)

    @property
    def longest_interval(self) -> timedelta:
        """Return more than any time between two ticks of a living player."""
        return timedelta(milliseconds=self.interval_ms * (MAX_INTERVAL_FACTOR + 1))

    @property
    def longest_wait(self) -> timedelta:
        """Return how far ahead a look can lie, unless the clock was set back since it was fixed."""
        return max(self.confirmation, LOOK_EVERY) + CLOCK_SKEW
