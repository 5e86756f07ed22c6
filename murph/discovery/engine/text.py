"""Text as the engine reads it: words, their stems, and what carries no meaning of its own."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import snowballstemmer

MAX_TEXT = 20_000
"""Characters of one text that are read; what comes after them is as good as not there."""
MAX_SPOKEN = 400_000
"""The same for what is said in videos, about eight hours of it."""

STOP_WORDS = frozenset((Path(__file__).parent / "stop_words.txt").read_text().split())

_WORD = re.compile(r"\.net\b|[^\W_]+[+#]*", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]{0,200}>")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
MIN_HUMP = 3
_stemmer = snowballstemmer.stemmer("english")


def words(text: str, *, limit: int = MAX_TEXT) -> list[str]:
    """Return the words of a text's first `limit` characters in order, in lower case and without accents.

    "C++", "C#" and ".NET" are words; "SvelteKit" is one and its parts are two more. Markup is no text.
    """
    return [fold(part) for word in _WORD.findall(plain(text, limit=limit)) for part in _with_parts(word)]


def plain(text: str, *, limit: int = MAX_TEXT) -> str:
    """Return a text without markup and escapes, compatible characters as their plain ones."""
    return _MARKUP.sub(" ", unicodedata.normalize("NFKC", text[:limit]).replace("\\", ""))


def _with_parts(word: str) -> Iterator[str]:
    yield word
    humps = _HUMP.split(word)
    if len(humps) > 1:
        yield from (hump for hump in humps if len(hump) >= MIN_HUMP)


def fold(word: str) -> str:
    """Return a word as it is compared: whatever its letter case and accents."""
    if word.isascii():
        return word.lower()
    split = unicodedata.normalize("NFD", word.casefold())
    return "".join(sign for sign in split if not unicodedata.combining(sign))


def telling(folded: list[str]) -> list[str]:
    """Return the words that say something; all of them when none does."""
    return [word for word in folded if word not in STOP_WORDS] or folded


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return the stem by which forms of a word find each other (Porter's second English stemmer)."""
    found: str = _stemmer.stemWord(word)
    return found
