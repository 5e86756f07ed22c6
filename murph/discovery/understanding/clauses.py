"""Finding what a message is about: the words of asking are taken off, what was asked about stays.

Nothing is taken out of the middle of a clause, since the words of talking about learning are also words
of what is learned: "time series", "quality control", "how do I display images".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from murph.discovery.engine.index import Part
from murph.discovery.engine.text import fold, words
from murph.discovery.understanding.lexicon import (
    FILLER,
    JOINING,
    KNOWN,
    NEVER_A_NAME,
    PHRASES,
    POLITENESS,
    WRITTEN_LARGE,
    meant,
)

BESIDE_SHARE, BACKGROUND_SHARE = 0.5, 0.15
"""What the words of a clause count that asks less than another one, and of one that tells about the asker."""
LONGEST_CLAUSE = 300
"""Characters of a clause in which a sign of talking is looked for."""
LONGEST_COUNT = 2
"""Digits of a number that by itself is no name; "1984" may be one."""
MAX_GUESSES = 40
"""Unknown words of a message that are compared with all filler."""


class Names(Protocol):
    """What the courses there are know about words; an index does."""

    def knows(self, word: str) -> bool:
        """Tell whether some course has this word."""

    def is_in_a_name(self, word: str) -> bool:
        """Tell whether this word stands in the name of some course, of one or of several."""

    def is_name(self, first: str, second: str) -> bool:
        """Tell whether two words stand next to each other in the name of some course."""


_BREAK = re.compile(
    r"[;!?\n()\u2014]+(?=\s|$)|(?<![\W_][A-Z])\.{1,9}(?=\s|$)|[,(]|:(?=\s|$)|\s-{1,3}\s|\s[/|>]\s|\b\d{1,2}[.)]\s"
    rf"|\b{PHRASES['joining']}\b|\band (?={PHRASES['going_on_after_and']}\b)"
    r"|(?-i:(?<=[a-z\d] )(?=(?:How|What|Which|Why|When|Where|Who) [a-z]))",
    re.IGNORECASE,
)
"""Where clauses end; a question that begins large inside a sentence is quoted: "a lesson on How to ..."."""
_GOING_ON = {",", "/", "|", "-", "(", ":", "as well as"}
_ASKING = re.compile(
    rf"\b(?:{PHRASES['wishing']}(?: to)?(?: {PHRASES['adverbs']}){{0,2}} {PHRASES['learning']}"
    rf"(?: {PHRASES['how_much']})?(?: (?:about|on|into|of|with|in))?"
    rf"|{PHRASES['courses']}(?:e?s)? {PHRASES['covering']}|{PHRASES['asking_besides']})\b",
    re.IGNORECASE,
)
_WANTING = re.compile(rf"\b{PHRASES['wanting']}\b|^\W{{0,9}}{PHRASES['questioning']}\b", re.IGNORECASE)
_BACKGROUND = re.compile(rf"^\s?{PHRASES['telling']}\b", re.IGNORECASE)
_TALKING = re.compile(
    rf"^(?!\W{{0,9}}{PHRASES['questioning']}\b).{{0,{LONGEST_CLAUSE}}}\b{PHRASES['talking']}\b",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN = re.compile(r"\.net\b|[^\W_]+(?:['\u2019][^\W_]+)*[+#]*", re.IGNORECASE)
_TELLS_LEAST, _TELLS_MOST = 4, 0.6
"""Of so many words, when at most this part is written large, a large letter says that a word is a name."""


@dataclass(frozen=True)
class _Clause:
    """What is left of a clause: how much it asks (0 not, 1 a wish, 2 for a course), and where it stands."""

    text: str
    asks: int
    is_background: bool
    is_named: bool = True

    @property
    def weight(self) -> int:
        """Return how it stands beside others: how much it asks, then whether it is not about the asker."""
        return 2 * self.asks + (not self.is_background and not self.asks)


def subject(message: str, names: Names) -> tuple[Part, ...]:
    """Return what a message is about, part by part, none when it has words of asking only."""
    found = list(_told(message, names)) or list(_last_resort(message))
    named = [clause for clause in found if clause.is_named] or found
    most = max((clause.weight for clause in named), default=0)
    return tuple(Part(clause.text, _share(clause, most, clause in named)) for clause in found)


def _share(clause: _Clause, most: int, is_named: bool) -> float:
    """Return how much a clause counts: little when no course is named so, and some are as another one."""
    if clause.weight >= most and is_named:
        return 1.0
    return BESIDE_SHARE if is_named and (clause.asks or not clause.is_background) else BACKGROUND_SHARE


def _told(message: str, names: Names) -> Iterator[_Clause]:
    large_means_name = _large_means_name(message)
    asks = 0
    for clause, continues, leads_on in _clauses(message):
        is_background = bool(_BACKGROUND.match(clause))
        before, clause, is_asked = _divided(clause, names, leads_on=leads_on)
        asks = 2 if is_asked else max(asks * (continues and not is_background), bool(_WANTING.search(clause)))
        for text, asking in ((before, 0), (clause, asks)):
            core = _core(text, names, large_means_name=large_means_name)
            is_talk = bool(core) and _TALKING.search(text)
            pieces = _pieces(core, names, large_means_name=large_means_name) if is_talk else []
            for piece in pieces or ([core] if core else []):
                yield _Clause(piece, asking, is_background or text is before, _is_named(piece, names))


def _pieces(core: str, names: Names, *, large_means_name: bool) -> list[str]:
    """Return what stands between words of talking: "cook" and "Rust" of "a cook who tries Rust"."""
    tokens = list(_TOKEN.finditer(core))
    plain = list(map(_plain, tokens))
    pieces: list[list[int]] = [[]]
    for place, (token, word) in enumerate(zip(tokens, plain, strict=True)):
        around = pairwise(plain[max(0, place - 1) : place + 2])
        is_name = (large_means_name and _is_large(word, token)) or any(
            names.is_name(*pair) for pair in around
        )
        if not _is_filler(word) or is_name or (word in JOINING and pieces[-1]):
            pieces[-1].append(place)
        else:
            pieces.append([])
    texts = (core[tokens[piece[0]].start() : tokens[piece[-1]].end()] for piece in pieces if piece)
    # What began the clause and is filler is not in its core any more, so that all of these are inside.
    found = (_core(text, names, large_means_name=large_means_name, is_inside=True) for text in texts)
    return [text for text in found if text]


def _is_filler(word: str) -> bool:
    return word in FILLER or word.isdigit()


def _last_resort(message: str) -> Iterator[_Clause]:
    """Return what may be a name though it is a word of asking too: "Go", "teach me go"."""
    for clause, _, _ in _clauses(message):
        asking = list(_ASKING.finditer(clause))
        rest = clause[asking[-1].end() :] if asking else clause
        said = [token.group() for token in _TOKEN.finditer(rest) if fold(token.group()) not in POLITENESS]
        if len(said) == 1 and not _is_no_name(said[0]):
            yield _Clause(said[0], 1, is_background=False)


def _is_no_name(said: str) -> bool:
    return said.lower() in NEVER_A_NAME or (said.isdigit() and len(said) <= LONGEST_COUNT)


def _is_named(core: str, names: Names) -> bool:
    """Tell whether some course is named with one of these words."""
    found = words(core)
    return any(names.is_in_a_name(word) for word in found if not _is_filler(word) or len(found) == 1)


def _large_means_name(message: str) -> bool:
    inner = _TOKEN.findall(message)[1:]
    large = sum(word[0].isupper() for word in inner)
    return len(inner) < _TELLS_LEAST or large <= _TELLS_MOST * len(inner)


def _clauses(message: str) -> Iterator[tuple[str, bool, bool]]:
    """Return the clauses, each with whether it goes on with the one before, and leads to a quotation."""
    start, continues = 0, False
    for cut in _BREAK.finditer(message):
        mark = cut.group().strip()
        yield message[start : cut.start()], continues, not mark
        start, continues = cut.end(), not mark or mark in _GOING_ON
    yield message[start:], continues, False


def _divided(clause: str, names: Names, *, leads_on: bool) -> tuple[str, str, bool]:
    """Divide a clause where its asking ends: what was told before, what is asked about, whether it asks."""
    asking = list(_ASKING.finditer(clause))
    if not asking:
        return "", clause, False
    before, after = clause[: asking[-1].start()], clause[asking[-1].end() :]
    is_divided = leads_on or _core(after, names, large_means_name=False)
    return (before, after, True) if is_divided else ("", clause, True)


def _core(clause: str, names: Names, *, large_means_name: bool, is_inside: bool = False) -> str:
    """Return a clause without the words of asking at its ends.

    The first word of what is no part of another clause is large in any case.
    """
    tokens = list(_TOKEN.finditer(clause))
    plain = list(map(_plain, tokens))
    is_filler = [
        _is_filler(word)
        and not ((place or is_inside) and large_means_name and _is_large(word, tokens[place]))
        for place, word in enumerate(plain)
    ]
    first, last = _between(is_filler)
    # Asking in another script, which no course has: "学习 docker".
    is_strange = [not word.isascii() and not names.knows(word) for word in plain]
    if not all(is_strange[first:last]):
        first, last = _between([any(both) for both in zip(is_filler, is_strange, strict=True)])
    if first == last:
        return ""
    first, last = _with_neighbours(plain, first, last, names)
    return clause[tokens[first].start() : tokens[last - 1].end()]


def _between(is_left_out: list[bool]) -> tuple[int, int]:
    """Return where what is not left out begins and ends."""
    kept = [place for place, left_out in enumerate(is_left_out) if not left_out]
    return (kept[0], kept[-1] + 1) if kept else (0, 0)


def _plain(token: re.Match[str]) -> str:
    return fold(token.group()).replace("'", "").replace("\u2019", "")


def _with_neighbours(plain: list[str], first: int, last: int, names: Names) -> tuple[int, int]:
    """Take back the filler that stands with what stays in the name of some course."""
    while (
        first > 0 and not _WANTING.match(plain[first - 1]) and names.is_name(plain[first - 1], plain[first])
    ):
        first -= 1
    while last < len(plain) and names.is_name(plain[last - 1], plain[last]):
        last += 1
    return first, last


def _is_large(word: str, token: re.Match[str]) -> bool:
    """Tell whether a word inside a clause is written like a name, as in "teach me Go"."""
    return token.group()[0].isupper() and word not in WRITTEN_LARGE


def mended(message: str, names: Names) -> str:
    """Return a message with its mistyped filler written right, as far as no course has such a word."""
    guesses = 0

    def mend(token: re.Match[str]) -> str:
        nonlocal guesses
        word = fold(token.group())
        if guesses >= MAX_GUESSES or _is_known(word) or names.knows(word):
            return token.group()
        guesses += 1
        return meant(word) or token.group()

    return _TOKEN.sub(mend, message)


def _is_known(word: str) -> bool:
    return word in KNOWN or word.removesuffix("s") in KNOWN or not word.isalpha()
