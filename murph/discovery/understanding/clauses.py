"""Finding what a message is about: the words of asking are taken off, what was asked about stays.

Nothing is taken out of the middle of a clause, since the words of talking about learning are also words
of what is learned: "time series", "quality control", "how do I display images".
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from murph.discovery.engine.text import fold

Pairing = Callable[[str, str], bool]
"""Tells whether two neighbouring words stand like that in the name of some course."""

FILLER = frozenset(
    word
    for line in (Path(__file__).parent / "filler.txt").read_text().splitlines()
    if not line.startswith("#")
    for word in line.split()
)
_BREAK = re.compile(
    r"[.;!?\n()\u2014]+(?=\s|$)|,|:|\s-+\s"
    r"|\b(?:but|because|since|so that|therefore|though|although|however)\b"
    r"|\band (?=(?:i|i'm|i've|i'd|my|we|can|could|would|please|want|need|looking|maybe|it|have)\b)",
    re.IGNORECASE,
)
_SEEKING = re.compile(
    r"\b(?:learn|teach|taught|study|studying|master|understand|explain|course|courses|class|classes|lesson|lessons"
    r"|tutorial|tutorials|lecture|lectures|videos?|training|recommend\w*|suggest\w*|looking for|look for|searching for"
    r"|search for|find|interested in|curious about|into|want|wanna|need|get better at|better at|get started|start with"
    r"|started with|help with|brush up|dive into|pick up|know about|tell me about|show me|about)\b",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"^\s*(?:i|i'm|im|i've|ive|i'd|my|we|we're|our|he|she|they|it's|its|as a|as an|for my|at my|after|before"
    r"|currently|being)\b",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\.net\b|[^\W_]+(?:['\u2019][^\W_]+)*[+#]*", re.IGNORECASE)
_ALWAYS_CAPITAL = frozenset(
    """i im ive id ill monday tuesday wednesday thursday friday saturday sunday christmas mom dad ok asap fyi btw
    pls plz hi hello thanks""".split()
)
BESIDE_SHARE, BACKGROUND_SHARE = 0.5, 0.15
"""What the words of a clause count that does not itself ask, and of one that tells about the asker."""


@dataclass(frozen=True)
class Clause:
    """A part of a message that is about something, and how much it counts beside the others, 0..1."""

    text: str
    share: float = 1.0


def subject(message: str, is_name: Pairing) -> list[Clause]:
    """Return what a message is about, clause by clause; all of it when only words of asking are there."""
    found: list[tuple[str, bool, bool]] = []
    seeks = False
    for clause, continues in _clauses(message):
        is_background = bool(_BACKGROUND.match(clause))
        asks = bool(_SEEKING.search(clause))
        seeks = asks or (continues and seeks and not is_background)
        if core := _core(clause, is_name):
            found.append((core, seeks, is_background))
    asked = any(seeks for _, seeks, _ in found)
    return [Clause(core, _share(seeks, is_background, asked)) for core, seeks, is_background in found]


def _share(seeks: bool, is_background: bool, asked: bool) -> float:
    if seeks or not asked:
        return 1.0
    return BACKGROUND_SHARE if is_background else BESIDE_SHARE


def _clauses(message: str) -> Iterator[tuple[str, bool]]:
    """Return the clauses, each with whether it goes on with the list that the one before began."""
    start, continues = 0, False
    for cut in _BREAK.finditer(message):
        yield message[start : cut.start()], continues
        start, continues = cut.end(), cut.group() == ","
    yield message[start:], continues


def _core(clause: str, is_name: Pairing) -> str:
    tokens = list(_TOKEN.finditer(clause))
    plain = [fold(token.group()).replace("'", "").replace("\u2019", "") for token in tokens]
    is_filler = [word in FILLER and not (n and _is_named(word, tokens[n])) for n, word in enumerate(plain)]
    first, last = 0, len(plain)
    while first < last and is_filler[first]:
        first += 1
    while last > first and is_filler[last - 1]:
        last -= 1
    if first == last:
        return ""
    while first > 0 and not _SEEKING.match(plain[first - 1]) and is_name(plain[first - 1], plain[first]):
        first -= 1
    while last < len(plain) and is_name(plain[last - 1], plain[last]):
        last += 1
    return clause[tokens[first].start() : tokens[last - 1].end()]


def _is_named(word: str, token: re.Match[str]) -> bool:
    """Tell whether a word inside a clause is written like a name, as in "teach me Go"."""
    return token.group()[0].isupper() and word not in _ALWAYS_CAPITAL and not token.string.isupper()
