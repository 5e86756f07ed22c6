"""Vectors from the vendors that have them, over real connections, and what is done without."""

import math
import time
from operator import mul
from typing import Any

import pytest

from murph.core.db import transactional
from murph.gateways.ai.breaker import MAX_FAILURES
from murph.gateways.ai.choice import QUESTION_S, Meanings, meanings_from_config
from murph.gateways.ai.port import (
    DIMENSIONS,
    MAX_TEXTS,
    Embedder,
    KeyRefused,
    ProviderAway,
    ProviderFailed,
    ProviderRefused,
    ProviderTimedOut,
    ProviderUnreadable,
    Vector,
)
from tests.support.ai import EMBEDDERS, KEY, Simulators
from tests.support.databases import settings_for

TIMEOUT_S = 20.0
TEXTS = ["Car repair", "Automobile maintenance", "Bread"]


@pytest.fixture(params=EMBEDDERS)
def vendor(request: pytest.FixtureRequest, context: None) -> str:
    return str(request.param)


def embed(embedder: Embedder, texts: list[str], *, timeout_s: float = TIMEOUT_S) -> list[Vector]:
    return embedder.embed(texts, is_question=False, timeout_s=timeout_s)


def near(first: Vector, second: Vector) -> float:
    return math.fsum(map(mul, first, second))


def test_every_text_gets_a_vector_of_length_one(simulators: Simulators, vendor: str) -> None:
    vectors = embed(simulators.embedder(vendor), TEXTS)
    assert [len(vector) for vector in vectors] == [DIMENSIONS] * 3
    assert all(math.isclose(near(vector, vector), 1, abs_tol=1e-5) for vector in vectors)


def test_texts_that_mean_the_same_are_near_and_others_are_not(simulators: Simulators, vendor: str) -> None:
    embedder = simulators.embedder(vendor)
    car, automobile, bread = embed(embedder, TEXTS)
    assert near(car, automobile) > 0.99 > embedder.least > near(car, bread)


def test_as_many_texts_as_may_be_sent_and_a_question_are_taken(simulators: Simulators, vendor: str) -> None:
    refused = simulators.state(vendor)["refused"]
    embedder = simulators.embedder(vendor)
    assert len(embed(embedder, ["日本語 \u202e 👩‍💻" * 9] * MAX_TEXTS)) == MAX_TEXTS
    assert len(embedder.embed(["What is a car?"], is_question=True, timeout_s=TIMEOUT_S)) == 1
    assert simulators.state(vendor)["refused"] == refused


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("429", ProviderAway),
        ("hang_up", ProviderAway),
        ("malformed", ProviderUnreadable),
        ("no_model", KeyRefused),
    ],
)
def test_a_failure_has_its_name(
    simulators: Simulators, vendor: str, behaviour: str, kind: type[ProviderFailed]
) -> None:
    simulators.behave(vendor, behaviour)
    with pytest.raises(kind):
        embed(simulators.embedder(vendor), TEXTS)


@pytest.mark.parametrize(
    "body",
    [
        "null",
        "[]",
        "{}",
        '{"data": [], "embeddings": []}',
        '{"data": [{"embedding": null}], "embeddings": [{"values": null}]}',
        '{"data": [{"embedding": [1, "x"]}], "embeddings": [{"values": [1, "x"]}]}',
        '{"data": [{"embedding": [1.0]}], "embeddings": [{"values": [1.0]}]}',
        '{"data": [{"embedding": [0, 0]}], "embeddings": [{"values": [0, 0]}]}',
        '{"data": [{"embedding": [NaN, 1]}], "embeddings": [{"values": [1e999, 1]}]}',
    ],
)
def test_what_is_no_vector_is_none(simulators: Simulators, vendor: str, body: str) -> None:
    simulators.behave(vendor, "raw", text=body)
    with pytest.raises(ProviderUnreadable):
        embed(simulators.embedder(vendor), ["Bread"])


def test_an_empty_text_is_refused_as_vendors_do(simulators: Simulators, vendor: str) -> None:
    with pytest.raises(ProviderRefused):
        embed(simulators.embedder(vendor), [""])


def test_an_answer_that_trickles_in_is_given_up_in_time(simulators: Simulators, vendor: str) -> None:
    simulators.behave(vendor, "trickle")
    began = time.monotonic()
    with pytest.raises(ProviderTimedOut):
        embed(simulators.embedder(vendor), TEXTS, timeout_s=0.4)
    assert time.monotonic() - began < 3


def test_a_wrong_key_is_refused_and_never_shown(simulators: Simulators, vendor: str) -> None:
    with pytest.raises(KeyRefused):
        embed(simulators.embedder(vendor, key="wrong"), TEXTS)
    embedder = simulators.embedder(vendor)
    assert KEY not in f"{embedder!r} {Meanings(embedder)!r}"


def test_a_slow_vendor_costs_a_question_its_time_and_is_then_left_alone(
    simulators: Simulators, context: None
) -> None:
    simulators.behave("openai", "slow", latency_s=5)
    meanings = Meanings(simulators.embedder("openai"))
    before, began = simulators.state("openai")["asked"], time.monotonic()
    assert [meanings.of_question("bread") for _ in range(MAX_FAILURES + 3)] == [None] * (MAX_FAILURES + 3)
    assert time.monotonic() - began < MAX_FAILURES * QUESTION_S + 1
    assert simulators.state("openai")["asked"] == before + MAX_FAILURES


def test_nothing_is_asked_inside_a_transaction(simulators: Simulators, context: None) -> None:
    meanings = Meanings(simulators.embedder("openai"))
    with pytest.raises(RuntimeError, match="inside a transaction"):
        transactional(lambda: meanings.of_question("bread"))()


@pytest.mark.parametrize(
    ("keys", "model"),
    [
        ((), None),
        (("anthropic", "groq"), None),
        (("groq", "openai"), "openai text-embedding-3-small"),
        (("openai", "gemini"), "gemini gemini-embedding-001"),
    ],
)
def test_the_first_vendor_with_a_key_and_such_a_model_gives_all_vectors(
    simulators: Simulators, tmp_path: Any, keys: tuple[str, ...], model: str | None
) -> None:
    settings = settings_for("sqlite://", tmp_path, **simulators.settings(*keys))
    meanings = meanings_from_config(settings.flask_config())
    assert meanings.model == model
    assert model or (meanings.of_question("bread"), meanings.of_courses(["bread"])) == (None, None)
