"""Whatever somebody's way of asking, what is asked for is the same.

The topic is judged by what is found for it: the loss against the bare topic on the development queries. A few
of them are asked here, all by `python -m benchmarks.discovery`.
"""

import re
import tomllib
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from murph.discovery.engine.index import Index
from murph.discovery.evaluation import catalogues, measures
from murph.discovery.evaluation.catalogues import DEVELOPMENT, QuestionSet
from murph.discovery.evaluation.measuring import chat_with, measure, search_in
from murph.discovery.understanding.message import understand
from murph.discovery.understanding.slots import Slots
from tests.discovery.measured import index_of

PHRASINGS = tomllib.loads((Path(__file__).parent / "phrasings.toml").read_text(encoding="utf-8"))
MAX_LOSS = 0.05
MIN_SLOTS_RIGHT = 0.9
ASKED = 5


def phrasings(half: str) -> list[dict[str, Any]]:
    return [phrasing for halves in PHRASINGS.values() for phrasing in halves[half]]


def wished(phrasing: dict[str, Any]) -> Slots:
    return Slots(
        price_minor=phrasing.get("price"),
        budget_minor=phrasing.get("budget"),
        minutes=phrasing.get("minutes"),
        levels=tuple(phrasing["level"].split(" or ")) if "level" in phrasing else (),
        languages=(phrasing["language"],) if "language" in phrasing else (),
        excluded=tuple(phrasing.get("excluded", ())),
    )


def said(phrasing: dict[str, Any], topic: str) -> str:
    return str(phrasing["say"]).replace("{}", topic)


@pytest.mark.parametrize("half", ["built", "seen"])
@pytest.mark.parametrize("chosen", DEVELOPMENT, ids=lambda chosen: chosen.name)
def test_phrasing_costs_at_most_a_twentieth_against_the_bare_topic(chosen: QuestionSet, half: str) -> None:
    index = index_of(chosen)
    queries = catalogues.queries(chosen.queries)
    queries = queries[:: len(queries) // ASKED]
    bare = measure(search_in(index), queries, documents=len(index)).ndcg_at_10
    chat = chat_with(index)
    phrased = fmean(
        measures.ndcg(chat(said(phrasing, query.text)), query.relevant)
        for phrasing in phrasings(half)
        for query in queries
    )
    assert phrased >= bare * (1 - MAX_LOSS)


@pytest.mark.parametrize("phrasing", phrasings("built"), ids=lambda phrasing: phrasing["say"])
def test_what_is_wished_besides_is_understood(phrasing: dict[str, Any]) -> None:
    assert _slots(phrasing) == wished(phrasing)


def test_what_is_wished_besides_is_mostly_understood_in_words_not_built_on() -> None:
    seen = phrasings("seen")
    assert sum(_slots(phrasing) == wished(phrasing) for phrasing in seen) >= MIN_SLOTS_RIGHT * len(seen)


def _slots(phrasing: dict[str, Any]) -> Slots:
    message = said(phrasing, "quantum chemistry")
    currency = "EUR" if re.search("euro|€", message) else "USD"
    return understand(message, names=Index(), currency=currency).slots
