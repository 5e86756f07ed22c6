"""A message of a chat as what it asks for."""

import re
from dataclasses import dataclass, field, replace

from murph.discovery.engine.index import Part
from murph.discovery.engine.text import plain
from murph.discovery.understanding import cues
from murph.discovery.understanding.clauses import Names, mended, subject
from murph.discovery.understanding.cues import Cues
from murph.discovery.understanding.slots import Slots, read

MAX_MESSAGE = 4_000
"""Characters of a message that are read."""
_BLANK = re.compile(r"[^\S\n]+|[\x00-\x08\x0b-\x1f\x7f]+")


@dataclass(frozen=True)
class Understood:
    """What is sought: its subject in parts that count more or less, and what was wished besides."""

    subject: tuple[Part, ...]
    slots: Slots
    cues: Cues = field(default_factory=Cues)

    @property
    def is_only_asking(self) -> bool:
        """Tell whether it has words of asking only: it may go on about what was picked before."""
        return not self.subject and self.slots == Slots() and self.cues == Cues()


def understand(message: str, *, names: Names, places: int) -> Understood:
    """Return what one message asks for; `places` are the decimals of the currency.

    The subject is empty when there are words of asking only ("hello", "something cheap please").
    """
    text = _BLANK.sub(" ", plain(message[:MAX_MESSAGE])).strip()
    understood = _read(mended(text, names), names, places=places)
    if understood.subject:
        return understood
    # What was taken for a mistyped word of asking may be all that was asked about.
    return replace(understood, subject=_read(text, names, places=places).subject)


def _read(text: str, names: Names, *, places: int) -> Understood:
    found, left = cues.read(text)
    slots, left = read(left, places=places)
    return Understood(subject(left, names), slots, found)
