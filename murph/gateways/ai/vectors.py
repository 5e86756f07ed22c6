"""Vectors of texts, from the vendors that have models for them: near ones mean alike, in whatever words.

Over plain HTTP: web processes ask too, and need not carry a vendor's library for a single kind of request.
"""

import math
from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import httpx

from murph.gateways.ai.deadline import ask
from murph.gateways.ai.failures import by_status, dig
from murph.gateways.ai.port import (
    DIMENSIONS,
    GEMINI,
    MAX_TEXTS,
    OPENAI,
    KeyRefused,
    ProviderAway,
    ProviderTimedOut,
    ProviderUnreadable,
    Tokens,
    Vector,
)
from murph.gateways.ai.prompt import CHARACTERS_PER_TOKEN

_KEY_INVALID = "API_KEY_INVALID"
"""Gemini says so with the status of a question that makes no sense."""
_DOCUMENT, _QUESTION = "RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY"


class _Http:
    """A vendor's door; its connection is kept for the next question, and made by the process that uses it."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url, self._headers = url, headers

    @cached_property
    def _client(self) -> httpx.Client:
        # Neither a proxy of the environment nor another address may see the key.
        return httpx.Client(trust_env=False, follow_redirects=False, headers=dict(self._headers))

    def post(self, body: object, texts: Sequence[str], *, timeout_s: float) -> object:
        """Return the JSON of the answer; failures are the port's."""
        spent = Tokens(sent=sum(map(len, texts)) // CHARACTERS_PER_TOKEN)
        return ask(lambda: self._answer(body, timeout_s), spent=spent, timeout_s=timeout_s)

    def _answer(self, body: object, timeout_s: float) -> object:
        try:
            answer = self._client.post(self._url, json=body, timeout=timeout_s)
        except httpx.TimeoutException:
            raise ProviderTimedOut("no answer in time") from None
        except httpx.HTTPError:
            raise ProviderAway("no connection") from None
        if not answer.is_success:
            raise KeyRefused(_KEY_INVALID) if _KEY_INVALID in answer.text else by_status(answer.status_code)
        try:
            return answer.json()
        except ValueError:
            raise ProviderUnreadable("no JSON") from None


class GeminiVectors:
    """Google's models for texts; they tell questions from what answers them."""

    name = GEMINI
    least = 0.6

    def __init__(self, *, api_key: str, model: str, base_url: str) -> None:
        self.model = model
        url = f"{base_url.rstrip('/')}/v1beta/models/{model}:batchEmbedContents"
        self._http = _Http(url, {"x-goog-api-key": api_key})

    def embed(self, texts: Sequence[str], *, is_question: bool, timeout_s: float) -> list[Vector]:
        """Return the vector of each text."""
        requests = [
            {
                "model": f"models/{self.model}",
                "content": {"parts": [{"text": text}]},
                "taskType": _QUESTION if is_question else _DOCUMENT,
                "outputDimensionality": DIMENSIONS,
            }
            for text in texts
        ]
        answer = self._http.post({"requests": requests}, texts, timeout_s=timeout_s)
        return _vectors(dig(answer, "embeddings"), "values", count=len(texts))


class OpenAiVectors:
    """OpenAI's models for texts."""

    name = OPENAI
    least = 0.3

    def __init__(self, *, api_key: str, model: str, base_url: str) -> None:
        self.model = model
        self._http = _Http(f"{base_url.rstrip('/')}/embeddings", {"Authorization": f"Bearer {api_key}"})

    def embed(self, texts: Sequence[str], *, is_question: bool, timeout_s: float) -> list[Vector]:
        """Return the vector of each text; questions are texts as all others here."""
        body = {
            "model": self.model,
            "input": list(texts),
            "dimensions": DIMENSIONS,
            "encoding_format": "float",
        }
        answer = self._http.post(body, texts, timeout_s=timeout_s)
        return _vectors(dig(answer, "data"), "embedding", count=len(texts))


def _vectors(found: object, name: str, *, count: int) -> list[Vector]:
    if not isinstance(found, list) or len(found) != count or count > MAX_TEXTS:
        raise ProviderUnreadable("not one vector for each text")
    return [of_length_one(dig(each, name)) for each in found]


def of_length_one(numbers: Any) -> Vector:
    """Return a vector with a length of 1: shortened ones come with any."""
    try:
        length = math.sqrt(math.fsum(number * number for number in numbers))
        vector = array("f", (number / length for number in numbers))
    except (TypeError, ValueError, ArithmeticError):
        raise ProviderUnreadable("no vector") from None
    if len(vector) != DIMENSIONS or not math.isfinite(length):
        raise ProviderUnreadable("another vector")
    return vector
