"""What can be found: a course as the texts it is found by."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from murph.discovery.engine.text import MAX_SPOKEN, MAX_TEXT, STOP_WORDS, stem, words

EXACT, PAIR, INITIALS = "=", "_", "@"
"""What a term that is no plain stem begins with: a word as written, two neighbours, initials of a name."""
MAX_INITIALS = 5


@dataclass(frozen=True)
class Field:
    """A text of a course: what a word in it is worth, how long it usually is, whether it is a name,
    and how many characters of it are read.

    The usual length is fixed, so that a course weighs the same in every process, whatever else is there.
    """

    weight: float
    usual_words: int
    is_name: bool = False
    limit: int = MAX_TEXT


FIELDS: Mapping[str, Field] = {
    "title": Field(3.0, 5, is_name=True),
    "tags": Field(2.0, 4, is_name=True),
    "category": Field(1.0, 2),
    "lectures": Field(1.0, 60),
    "description": Field(1.5, 60),
    "captions": Field(0.4, 1500, limit=MAX_SPOKEN),
    "teacher": Field(0.3, 3),
}
LENGTH_SHARE = 0.75
"""How much of a long text's advantage is taken back (the `b` of BM25)."""


@dataclass(frozen=True)
class Document:
    """A course to be found: its texts by field name, and who teaches it."""

    key: str
    texts: Mapping[str, str]
    teacher: str = ""


def weighted_terms(document: Document) -> dict[str, float]:
    """Return every term of a document with its weight: BM25F's sum over fields, before saturation.

    A word of the title or the tags counts there only: nothing is gained by saying it over and over below.
    Robertson, Zaragoza: The Probabilistic Relevance Framework, BM25 and Beyond (2009), section 3.6.
    """
    weights: defaultdict[str, float] = defaultdict(float)
    named: set[str] = set()
    for name, field in FIELDS.items():
        found = words(document.texts.get(name, ""), limit=field.limit)
        counted = [word for word in found if word not in STOP_WORDS]
        scale = field.weight / (1 - LENGTH_SHARE + LENGTH_SHARE * len(counted) / field.usual_words)
        stems = list(map(stem, counted))
        for term in stems:
            if field.is_name or term not in named:
                weights[term] += scale
        if field.is_name:
            named.update(stems)
            for term in (*map(_exact, counted), *pairs(counted), *_initials(found)):
                weights[term] += scale
    return dict(weights)


def is_named_after(document: Document, names: Iterable[str]) -> bool:
    """Tell whether a document has one of these names: in title or tags in whatever form, or as teacher."""
    names = list(names)
    if not names:
        return False
    teacher = words(document.texts.get("teacher", ""))
    if any((said := words(name)) and not set(said).difference(teacher) for name in names):
        return True
    wanted = [list(map(stem, words(name))) for name in names]
    texts = [list(map(stem, words(document.texts.get(field, "")))) for field in ("title", "tags")]
    return any(
        name and text[at : at + len(name)] == name
        for name in wanted
        for text in texts
        for at in range(len(text))
    )


def _exact(word: str) -> str:
    return EXACT + word


def pairs(counted: list[str]) -> Iterator[str]:
    """Return the terms of neighbouring words."""
    for first, second in pairwise(counted):
        yield f"{PAIR}{stem(first)} {stem(second)}"


def _initials(found: list[str]) -> Iterator[str]:
    for length in range(2, MAX_INITIALS + 1):
        for start in range(len(found) - length + 1):
            yield INITIALS + "".join(word[0] for word in found[start : start + length])
