"""The words of `lexicon.toml`, and what a mistyped one was meant to be."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from murph.discovery.engine.text import STOP_WORDS

_TABLES = tomllib.loads((Path(__file__).parent / "lexicon.toml").read_text(encoding="utf-8"))

_GROUPS = {name: frozenset(words.split()) for name, words in _TABLES["filler"].items()}
FILLER = frozenset().union(*_GROUPS.values())
JOINING = frozenset(_TABLES["joining"]["words"].split())
POLITENESS = _GROUPS["politeness"]
NEVER_A_NAME = STOP_WORDS.union(*(_GROUPS[name] for name in _TABLES["never_a_name"]["groups"]))
"""Filler that is no name either when nothing else was said."""
WRITTEN_LARGE = frozenset(_TABLES["written_large"]["words"].split())
NEVER_EXCLUDED = frozenset(_TABLES["never_excluded"]["words"].split())
NUMBERS: dict[str, int] = _TABLES["numbers"]
COINS = {coin: codes.split() for coins, codes in _TABLES["coins"].items() for coin in coins.split()}
"""The currencies that a coin of this name or sign may be of."""
LANGUAGES = {name: code for code, names in _TABLES["languages"].items() for name in names.split()}
LANGUAGE_NAMES = {code: names.split()[0].capitalize() for code, names in _TABLES["languages"].items()}

PHRASES = {
    name: "(?:" + "|".join(lines.strip().splitlines()) + ")" for name, lines in _TABLES["phrases"].items()
}
"""Regular expressions, each of alternatives."""
_NEVER_MISTYPED = _TABLES["mistyped"]["never_mistyped"].split()
_IN_PHRASES = (re.findall("[a-z]+", phrases) for phrases in PHRASES.values())
KNOWN = FILLER.union(LANGUAGES, NUMBERS, COINS, _NEVER_MISTYPED, *_IN_PHRASES)
"""What is no typing error, whether or not some course has it."""

FORGETTABLE: dict[str, frozenset[str]] = {
    slot: frozenset(words.split())
    for slots, words in _TABLES["forgettable"].items()
    for slot in slots.split()
}

_SHORTEST, _LONGEST = 4, 14
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
    written = _single(word)
    candidates = {other for form in _forms(written) for other in _BY_FORM.get(form, ())}
    near = [
        (errors, other)
        for other in candidates
        if other[0] == word[0] and (errors := _errors(written, _single(other))) <= 1
    ]
    return min(near)[1] if near else None


def _single(word: str) -> str:
    """Return a word with its double letters as single ones: people double the wrong ones."""
    return re.sub(r"(.)\1", r"\1", word)


def _forms(word: str) -> set[str]:
    """Return a word and what is left of it without a letter: words with one error between them share one."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


_BY_FORM: dict[str, list[str]] = {}
for _word in sorted(_TABLES["mistyped"]["words"].split()):
    if len(_word) >= _SHORTEST:
        for _form in _forms(_single(_word)):
            _BY_FORM.setdefault(_form, []).append(_word)


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
