"""Writing more into a description does not lift a course above its honest self."""

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from murph.discovery.engine.documents import Document
from murph.discovery.engine.index import Index
from murph.discovery.engine.text import STOP_WORDS, stem, words
from murph.discovery.evaluation import catalogues
from murph.discovery.evaluation.catalogues import DEVELOPMENT
from murph.discovery.evaluation.measuring import scratch_index

POISON: list[str] = tomllib.loads((Path(__file__).parent / "poison.toml").read_text(encoding="utf-8"))[
    "poison"
]
DEPTH = 10
EVERY = 15
MAX_GAINS = 0.03
GTN = DEVELOPMENT[0]
DOCUMENTS = catalogues.documents(GTN.catalogues)
QUERIES = catalogues.queries(GTN.queries)
DESCRIBED = [document for document in DOCUMENTS if document.texts["description"]]


@pytest.fixture(scope="module")
def index() -> Index:
    return scratch_index(DOCUMENTS)


def poisoned(index: Index, document: Document, poison: str) -> Document:
    title, description = document.texts["title"], document.texts["description"]
    telling = [word for word in words(title) if word not in STOP_WORDS]
    word = max(telling, key=lambda word: (index.rarity(stem(word)), word))
    others = ", ".join(other.texts["title"] for other in DESCRIBED[5::EVERY])
    said = poison.replace("{title}", title).replace("{word}", word).replace("{others}", others)
    return replace(document, texts={**document.texts, "description": f"{description} . {said}"})


def ranks(index: Index, key: str, asked: Sequence[str]) -> list[int]:
    """Return the place of a course for each question, DEPTH where it is not among the first."""
    found = [[hit.key for hit in index.search(question, limit=DEPTH)] for question in asked]
    return [keys.index(key) if key in keys else DEPTH for keys in found]


def gains(index: Index, poison: str, *, start: int) -> list[bool]:
    """Return for each question that a course answers whether poison has lifted it."""
    lifted = []
    for document in DESCRIBED[start::EVERY]:
        asked = [query.text for query in QUERIES if document.key in query.relevant]
        asked.append(document.texts["title"])
        honest = ranks(index, document.key, asked)
        index.put(poisoned(index, document, poison))
        stuffed = ranks(index, document.key, asked)
        index.put(document)
        lifted += [after < before for before, after in zip(honest, stuffed, strict=True)]
    return lifted


@pytest.mark.parametrize(
    "poison", [text for text in POISON if "{others}" not in text and ("{word}" in text or "{title}" in text)]
)
def test_saying_the_own_title_over_and_over_lifts_no_course(index: Index, poison: str) -> None:
    assert not any(gains(index, poison, start=3))


def test_whatever_is_added_lifts_hardly_any_course(index: Index) -> None:
    lifted = [
        gain for number, poison in enumerate(POISON) for gain in gains(index, poison, start=number % EVERY)
    ]
    assert sum(lifted) <= MAX_GAINS * len(lifted)
