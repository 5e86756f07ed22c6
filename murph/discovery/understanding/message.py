"""A message of a chat as what it asks for."""

import re
from dataclasses import dataclass

from murph.discovery.engine.index import Part
from murph.discovery.engine.text import plain
from murph.discovery.understanding.clauses import Names, mended, subject
from murph.discovery.understanding.slots import Slots, read

MAX_MESSAGE = 4_000
"""Characters of a message that are read."""
_BLANK = re.compile(r"[^\S\n]+|[\x00-\x08\x0b-\x1f\x7f]+")


@dataclass(frozen=True)
class Understood:
    """What is sought: its subject in parts that count more or less, and what was wished besides."""

    subject: tuple[Part, ...]
    slots: Slots


def understand(message: str, *, names: Names, places: int) -> Understood:
    """Return what one message asks for; `places` are the decimals of the currency.

    The subject is empty when there are words of asking only ("hello", "something cheap please").
    """
    text = _BLANK.sub(" ", plain(message[:MAX_MESSAGE])).strip()
    slots, left = read(mended(text, names), places=places)
    found = subject(left, names)
    if not found:
        # What was taken for a mistyped word of asking may be all that was asked about.
        found = subject(read(text, places=places)[1], names)
    return Understood(found, slots)
