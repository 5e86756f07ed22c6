"""Which providers are asked, in which order: decided here, once, by the settings."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, current_app

from murph.core import clock, metrics
from murph.gateways.ai.anthropic import Anthropic
from murph.gateways.ai.breaker import Breaker
from murph.gateways.ai.gemini import Gemini
from murph.gateways.ai.guard import guarded, is_ours
from murph.gateways.ai.offline import Offline
from murph.gateways.ai.openai import OpenAi, groq
from murph.gateways.ai.port import (
    AiProvider,
    Candidate,
    Embedder,
    KeyRefused,
    Message,
    ProviderFailed,
    Suggestion,
    Tokens,
    Vector,
)
from murph.gateways.ai.vectors import GeminiVectors, OpenAiVectors

MAX_TOTAL_S = 20.0
"""For all providers together; what remains is offered to the next one, and at last we answer ourselves."""
WORTH_ASKING_S = 1.0
QUESTION_S = 0.3
"""For the vector of a question: somebody waits for what is found, and words find it too."""
COURSES_S = 20.0
"""For the vectors of many courses, for which nobody waits."""

_BY_KEY: tuple[tuple[Callable[..., AiProvider], str, str, str], ...] = (
    (Gemini, "GOOGLE_AI_API_KEY", "GOOGLE_AI_MODEL", "GOOGLE_AI_API_URL"),
    (OpenAi, "OPENAI_API_KEY", "OPENAI_MODEL", "OPENAI_API_URL"),
    (Anthropic, "ANTHROPIC_API_KEY", "ANTHROPIC_MODEL", "ANTHROPIC_API_URL"),
    (groq, "GROQ_API_KEY", "GROQ_MODEL", "GROQ_API_URL"),
)
"""In the order in which they are asked, and the settings that each is made from."""
_EMBEDDERS: tuple[tuple[Callable[..., Embedder], str, str, str], ...] = (
    (GeminiVectors, "GOOGLE_AI_API_KEY", "GOOGLE_AI_EMBEDDING_MODEL", "GOOGLE_AI_API_URL"),
    (OpenAiVectors, "OPENAI_API_KEY", "OPENAI_EMBEDDING_MODEL", "OPENAI_API_URL"),
)
"""The first with a key gives all vectors. Anthropic and Groq have no such models."""

log = structlog.get_logger(__name__)

_DURATION = metrics.histogram(
    "murph_ai_request_duration_seconds",
    "Time until a provider answered or failed; by what was wanted and how it went.",
    "provider",
    "wanted",
    "outcome",
    buckets=(0.1, 0.25, 0.5, 1, 2, 4, 8, 20),
)
_FALLBACKS = metrics.counter(
    "murph_ai_fallbacks_total", "Questions we answered ourselves though there is a provider."
)


@dataclass(frozen=True)
class Answer:
    """What may be shown, and who said it; the tokens are those of all providers that were asked."""

    spoken_by: str
    suggestion: Suggestion
    tokens: Tokens


class Assistant:
    """The providers that are configured, one after the other, and ourselves at last."""

    def __init__(
        self,
        providers: Sequence[AiProvider],
        *,
        timeout_s: float,
        max_total_s: float = MAX_TOTAL_S,
        monotonic_ms: Callable[[], int] = clock.monotonic_ms,
    ) -> None:
        self._asked = [(provider, Breaker(monotonic_ms=monotonic_ms)) for provider in providers]
        self._timeout_s, self._max_total_s = timeout_s, max_total_s
        self._offline = Offline()
        self._now_ms = monotonic_ms

    @property
    def is_configured(self) -> bool:
        """Whether there is anybody to ask but ourselves, which takes no time."""
        return bool(self._asked)

    @property
    def names(self) -> tuple[str, ...]:
        """The providers in the order in which they are asked."""
        return (*(provider.name for provider, _ in self._asked), self._offline.name)

    def load(self) -> None:
        """Import what the providers need, before a worker forks."""
        for provider, _ in self._asked:
            provider.load()

    def suggest(self, messages: Sequence[Message], candidates: Sequence[Candidate]) -> Answer:
        """Answer the last message; every candidate comes back in the final order, with a reason.

        Raises:
            RuntimeError: inside a transaction, which must not wait for a network.
        """
        give_up_at_ms = self._now_ms() + int(self._max_total_s * 1000)
        spent = Tokens()
        # With nothing to choose from there is nothing to ask: whatever was named would be invented.
        for provider, breaker in self._asked if candidates else ():
            left_s = (give_up_at_ms - self._now_ms()) / 1000
            if left_s < min(WORTH_ASKING_S, self._timeout_s) or not breaker.lets_through():
                continue
            try:
                said = _ask(provider, breaker, messages, candidates, min(self._timeout_s, left_s))
            except ProviderFailed as failure:
                spent += failure.tokens
            else:
                return self._shown(provider.name, said, messages, candidates, spent)
        if self._asked and candidates:
            _FALLBACKS.inc()
        return Answer(self._offline.name, self._offline.suggest(messages, candidates), spent)

    def _shown(
        self,
        name: str,
        said: Suggestion,
        messages: Sequence[Message],
        candidates: Sequence[Candidate],
        spent: Tokens,
    ) -> Answer:
        """Return what the guard leaves of an answer, which is ours where that is nothing."""
        shown = guarded(said, messages, candidates)
        spoken_by = self._offline.name if is_ours(shown, candidates) else name
        return Answer(spoken_by, shown, spent + said.tokens)


def _ask(
    provider: AiProvider,
    breaker: Breaker,
    messages: Sequence[Message],
    candidates: Sequence[Candidate],
    timeout_s: float,
) -> Suggestion:
    """Return what a provider says, having told its breaker, the log and the figures how that went."""
    begun_s = time.monotonic()
    try:
        said = provider.suggest(messages, candidates, timeout_s=timeout_s)
    except ProviderFailed as failure:
        breaker.report(has_failed=failure.is_fault)
        _log(provider.name, failure)
        _time(provider.name, "answer", _outcome(failure), begun_s)
        raise
    breaker.report(has_failed=False)
    _time(provider.name, "answer", "answered", begun_s)
    return said


class Meanings:
    """What one vendor's model makes of texts. Nobody follows when it fails, as vectors of others mean others.

    Nothing here fails: without a vector, search goes by words alone.
    """

    def __init__(
        self, embedder: Embedder | None, *, monotonic_ms: Callable[[], int] = clock.monotonic_ms
    ) -> None:
        self._asked = (embedder, Breaker(monotonic_ms=monotonic_ms)) if embedder else None

    @property
    def model(self) -> str | None:
        """The vendor and its model; None when nobody can be asked."""
        return f"{self._asked[0].name} {self._asked[0].model}" if self._asked else None

    @property
    def least(self) -> float:
        """How near a question and a course have to be, 0..1."""
        return self._asked[0].least if self._asked else 1.0

    def of_courses(self, texts: Sequence[str]) -> list[Vector] | None:
        """Return the vectors of some courses' texts, None when there are none to be had now.

        Raises:
            RuntimeError: inside a transaction, which must not wait for a network.
        """
        return self._embedded(texts, is_question=False, timeout_s=COURSES_S)

    def of_question(self, text: str) -> Vector | None:
        """Return the vector of a question, None when there is none within QUESTION_S.

        Raises:
            RuntimeError: inside a transaction, which must not wait for a network.
        """
        found = self._embedded([text], is_question=True, timeout_s=QUESTION_S)
        return found[0] if found else None

    def _embedded(self, texts: Sequence[str], *, is_question: bool, timeout_s: float) -> list[Vector] | None:
        if self._asked is None:
            return None
        embedder, breaker = self._asked
        if not breaker.lets_through():
            return None
        begun_s = time.monotonic()
        try:
            vectors = embedder.embed(texts, is_question=is_question, timeout_s=timeout_s)
        except ProviderFailed as failure:
            breaker.report(has_failed=failure.is_fault)
            _log(embedder.name, failure)
            _time(embedder.name, "vectors", _outcome(failure), begun_s)
            return None
        breaker.report(has_failed=False)
        _time(embedder.name, "vectors", "answered", begun_s)
        return vectors


def from_config(config: Mapping[str, Any]) -> Assistant:
    """Return the assistant that the settings ask for: one provider for every key."""
    providers = [
        make(api_key=config[key], model=config[model], base_url=config[base_url])
        for make, key, model, base_url in _BY_KEY
        if config[key]
    ]
    return Assistant(providers, timeout_s=config["AI_TIMEOUT_SECONDS"])


def meanings_from_config(config: Mapping[str, Any]) -> Meanings:
    """Return the meanings that the settings ask for: those of the first vendor with a key that has any."""
    made = (
        make(api_key=config[key], model=config[model], base_url=config[base_url])
        for make, key, model, base_url in _EMBEDDERS
        if config[key]
    )
    return Meanings(next(made, None))


def init_app(app: Flask) -> None:
    """Give the application its assistant, and whom it asks for vectors."""
    app.extensions["murph_ai"] = from_config(app.config)
    app.extensions["murph_meanings"] = meanings_from_config(app.config)


def assistant() -> Assistant:
    """Return the application's assistant."""
    chosen: Assistant = current_app.extensions["murph_ai"]
    return chosen


def meanings() -> Meanings:
    """Return what the application has for vectors."""
    chosen: Meanings = current_app.extensions["murph_meanings"]
    return chosen


def _time(provider: str, wanted: str, outcome: str, begun_s: float) -> None:
    _DURATION.labels(provider, wanted, outcome).observe(time.monotonic() - begun_s)


def _outcome(failure: ProviderFailed) -> str:
    """Return the name of its class as Prometheus writes names."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(failure).__name__).lower()


def _log(provider: str, failure: ProviderFailed) -> None:
    tell = log.error if isinstance(failure, KeyRefused) else log.warning
    tell("ai.failed", provider=provider, failure=type(failure).__name__, reason=str(failure))
