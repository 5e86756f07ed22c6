"""The words of `lexicon.toml`, and what a mistyped one was meant to be."""

import tomllib
from functools import lru_cache
from pathlib import Path

from murph.discovery.engine.text import STOP_WORDS

_TABLES = tomllib.loads((Path(__file__).parent / "lexicon.toml").read_text(encoding="utf-8"))

_GROUPS = {name: frozenset(words.split()) for name, words in _TABLES["filler"].items()}
FILLER = frozenset().union(*_GROUPS.values())
POLITENESS = _GROUPS["politeness"]
NEVER_A_NAME = STOP_WORDS.union(*(_GROUPS[name] for name in _TABLES["never_a_name"]["groups"]))
"""Filler that is no name either when nothing else was said."""
WRITTEN_LARGE = frozenset(_TABLES["written_large"]["words"].split())
NEVER_EXCLUDED = frozenset(_TABLES["never_excluded"]["words"].split())
NUMBERS: dict[str, int] = _TABLES["numbers"]
LANGUAGES = {name: code for code, names in _TABLES["languages"].items() for name in names.split()}

PHRASES = {
    name: "(?:" + "|".join(lines.strip().splitlines()) + ")" for name, lines in _TABLES["phrases"].items()
}
"""Regular expressions, each of alternatives."""

_SHORTEST, _LONGEST = 4, 14
_TWO_ERRORS_FROM = 7
_VOWELS = frozenset("aeiouy")
_TOO_MUCH = 9


@lru_cache(maxsize=10_000)
def meant(word: str) -> str | None:
    """Return the filler that a word is a mistyped form of.

    The first letter counts as right, and one consonant is not written for another: that is how words differ
    that mean something else ("sewing", "seeing").
    """
    if not _SHORTEST <= len(word) <= _LONGEST:
        return None
    allowed = 2 if len(word) >= _TWO_ERRORS_FROM else 1
    near = [
        (errors, other)
        for other in FILLER
        if other[0] == word[0]
        and abs(len(other) - len(word)) <= allowed
        and len(other) >= _SHORTEST
        and (errors := _errors(word, other)) <= allowed
    ]
    return min(near)[1] if near else None


def _errors(word: str, other: str) -> int:
    """Count the letters left out, added, swapped with their neighbour, and the vowels that are another.

    Damerau's distance between neighbouring letters (optimal string alignment).
    """
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(word, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            least = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + _wrong(letter, wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                least = min(least, rows[-2][j - 2] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]


def _wrong(letter: str, wanted: str) -> int:
    if letter == wanted:
        return 0
    return 1 if {letter, wanted} <= _VOWELS else _TOO_MUCH
