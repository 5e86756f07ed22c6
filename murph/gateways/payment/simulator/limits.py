"""The documented rate limits, which the server itself was never seen to have."""

from collections import Counter

from murph.gateways.payment.simulator.refusals import Refused
from murph.gateways.payment.simulator.world import Merchant, World

_MINUTE_S = 60
_HOUR_S = 3600
_PER_MINUTE = {"create": 50, "confirm": 30}  # everything else:
_OTHERS_PER_MINUTE = 100
_PER_HOUR = 1000
_LIVE_FACTOR = 10


class Limits:
    """Counts each merchant's requests in fixed windows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._counts: Counter[tuple[str, str, int]] = Counter()

    def count(self, merchant: Merchant, route: str) -> dict[str, str]:
        """Count a request and return the headers that tell what is left.

        Raises:
            Refused: nothing was left.
        """
        factor = _LIVE_FACTOR if merchant.is_live else 1
        now = int(self._world.clockwork.now())
        self._take(merchant, "every route", _HOUR_S, _PER_HOUR * factor, now)
        limit = _PER_MINUTE.get(route, _OTHERS_PER_MINUTE) * factor
        left = self._take(merchant, route, _MINUTE_S, limit, now)
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(now - now % _MINUTE_S + _MINUTE_S),
        }

    def _take(self, merchant: Merchant, what: str, window_s: int, limit: int, now: int) -> int:
        key = (merchant.id, what, now // window_s)
        if self._counts[key] >= limit:
            raise Refused(429, "rate_limit_exceeded", "Too many requests")
        self._counts[key] += 1
        return limit - self._counts[key]
