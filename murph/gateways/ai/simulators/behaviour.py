"""How a vendor can be told to answer, and what it remembers of being asked."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VENDORS = ("gemini", "openai", "anthropic", "groq")
BEHAVIOURS = {
    "normal": "a sensible answer",
    "429": "too many requests",
    "500": "an internal error",
    "503": "overloaded",
    "slow": "nothing for `latency_s` seconds, then the answer",
    "trickle": "one byte at a time, each soon enough, all together never",
    "hang_up": "the connection is closed without an answer",
    "cut": "the connection is closed in the middle of the answer",
    "malformed": "an answer that is no JSON",
    "garbled": "an answer around a text that is no JSON",
    "another_form": "an answer around JSON of another form",
    "unknown_ids": "picks of courses that nobody offered, beside one that was",
    "refusal": "the model will not answer",
    "truncated": "the model was cut off at its limit",
    "no_model": "there is no model of this name",
    "gullible": "a model that obeys a course in which it finds a part of the order in `text`",
    "verbatim": "an answer around the text in `text`, whatever it is",
    "raw": "the text in `text` in place of an answer",
}


@dataclass
class Vendor:
    """One vendor: how it behaves, how often it was asked, and what it was asked last."""

    behaviour: str = "normal"
    latency_s: float = 30.0
    text: str = ""
    asked: int = 0
    refused: list[str] = field(default_factory=list)
    last_question: Any = None

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Behave otherwise from now on.

        Raises:
            ValueError: there is no such behaviour, or no such switch.
        """
        if unknown := wanted.keys() - {"behaviour", "latency_s", "text"}:
            raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
        behaviour = str(wanted.get("behaviour", self.behaviour))
        if behaviour not in BEHAVIOURS:
            raise ValueError(f"no such behaviour: {behaviour}; there are {', '.join(BEHAVIOURS)}")
        self.behaviour = behaviour
        self.latency_s = float(wanted.get("latency_s", self.latency_s))
        self.text = str(wanted.get("text", self.text))


class World:
    """All vendors, behind one key."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.lock = threading.Lock()
        self.vendors = {name: Vendor() for name in VENDORS}

    def vendor(self, name: str) -> Vendor:
        """Return a vendor.

        Raises:
            ValueError: there is none of this name.
        """
        if name not in self.vendors:
            raise ValueError(f"no such vendor: {name}; there are {', '.join(VENDORS)}")
        return self.vendors[name]
