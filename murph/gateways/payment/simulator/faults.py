"""What the simulator can be told to do wrong, at its start and while it runs."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass
class Faults:
    """The switches; those that count are used up by the requests they hit."""

    latency_s: float = 0.0
    errors: int = 0  # how many of the next requests meet 500
    rate_limits: int = 0  # how many meet 429
    lost_answers: int = 0  # how many are carried out, and the connection closed without an answer
    only: str = ""  # a pattern of "METHOD /path"; other requests are spared by the four above
    stuck_processing: bool = False
    requires_action: bool = False
    settlement_fails: bool = False
    duplicate_webhooks: bool = False
    reorder_webhooks: bool = False  # every second event overtakes the one before it

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Set switches by name, from JSON or from texts.

        Raises:
            ValueError: there is no such switch, or it cannot have this value.
        """
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        if unknown := wanted.keys() - kinds.keys():
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(kinds)}")
        for name, value in wanted.items():
            setattr(self, name, _converted(name, value, kinds[name]))

    def shown(self) -> dict[str, Any]:
        """Return how every switch stands."""
        return asdict(self)

    def strikes(self, name: str, request: str) -> bool:
        """Tell whether the counted fault `name` hits this request, and use one up if so."""
        left: int = getattr(self, name)
        if left <= 0 or not self.concerns(request):
            return False
        setattr(self, name, left - 1)
        return True

    def concerns(self, request: str) -> bool:
        """Tell whether faults of requests may hit this one."""
        return re.search(self.only, request) is not None


def _converted(name: str, value: object, kind: type) -> object:
    if kind is bool:
        return str(value).lower() in ("1", "true", "yes", "on")
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} cannot be {value!r}: expected {kind.__name__}") from error
