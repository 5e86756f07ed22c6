"""A message of a chat as what it asks for."""

import re
from dataclasses import dataclass, field, replace

from murph.discovery.engine.index import Part
from murph.discovery.engine.text import plain
from murph.discovery.understanding import cues
from murph.discovery.understanding.clauses import Names, mended, subject
from murph.discovery.understanding.cues import Cues
from murph.discovery.understanding.kinds import spoken_before
from murph.discovery.understanding.slots import Slots, read

MAX_MESSAGE = 4_000
"""Characters of a message that are read."""
_BLANK = re.compile(r"[^\S\n]+|[\x00-\x08\x0b-\x1f\x7f]+")
_WHO = re.compile(
    r"\bmy name is [^\W_]{1,40}|\bi'?m called [^\W_]{1,40}"
    r"|(?:\b(?:e-?)?mail(?: is)?:? )?(?<!\S)[^\s@]{1,64}@[^\s@]{1,255}|\bhttps?://\S{1,500}",
    re.IGNORECASE,
)
"""Who asks, and addresses: nothing that a course is about."""


@dataclass(frozen=True)
class Understood:
    """What is sought: its subject in parts that count more or less, and what was wished besides.

    `foreign` are amounts in other currencies than ours, which are no wishes.
    """

    subject: tuple[Part, ...]
    slots: Slots
    cues: Cues = field(default_factory=Cues)
    foreign: tuple[str, ...] = ()

    @property
    def is_only_asking(self) -> bool:
        """Tell whether it has words of asking only: it may go on about what was picked before."""
        return not self.subject and self.slots == Slots() and self.cues == Cues()


def understand(message: str, *, names: Names, currency: str) -> Understood:
    """Return what one message asks for; `currency` is that of our prices.

    The subject is empty when there are words of asking only ("hello", "something cheap please").
    """
    text = _WHO.sub(" ; ", _BLANK.sub(" ", plain(message[:MAX_MESSAGE]))).strip()
    understood = _read(mended(text, names), names, currency=currency)
    if understood.subject:
        return understood
    # What was taken for a mistyped word of asking may be all that was asked about.
    return replace(understood, subject=_read(text, names, currency=currency).subject)


def _read(text: str, names: Names, *, currency: str) -> Understood:
    found, left = cues.read(text)
    slots, foreign, left = read(left, currency=currency)
    parts = subject(left, names)
    language, rest = spoken_before(parts[0].text, names) if len(parts) == 1 else (None, "")
    if language and not slots.languages:
        slots, parts = replace(slots, languages=(language,)), (replace(parts[0], text=rest),)
    return Understood(parts, slots, found, foreign)
