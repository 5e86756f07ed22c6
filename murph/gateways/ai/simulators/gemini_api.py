"""Google's Generative Language API."""

import json
from collections.abc import Iterator
from typing import Any

from murph.gateways.ai.simulators.answers import Said
from murph.gateways.ai.simulators.meaning import DIMENSIONS
from murph.gateways.ai.simulators.vendors import Refused, require

_FINISH = {"whole": "STOP", "cut off": "MAX_TOKENS", "refused": "SAFETY"}
_STATUS = {
    400: "INVALID_ARGUMENT",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_TASKS = {"RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT"}
MAX_BATCH = 100
_SCHEMA = {"type", "properties", "required", "items", "description", "enum", "format", "nullable"}


class GeminiApi:
    """POST /v1beta/models/{model}:generateContent, and :streamGenerateContent."""

    def key(self, headers: dict[str, str]) -> str:
        """Return the key."""
        return headers.get("x-goog-api-key", "")

    def texts(self, body: dict[str, Any]) -> list[str]:
        """Return the texts of the system instruction and of all contents."""
        contents = body.get("contents")
        require(isinstance(contents, list) and contents, "contents is not specified")
        assert isinstance(contents, list)
        require(contents[-1].get("role") == "user", "the last content must be the user's")
        for content in contents:
            require(content.get("role") in ("user", "model"), "Please use a valid role: user, model.")
            require(_text(content), "contents.parts must not be empty.")
        wanted = body.get("generationConfig", {})
        require(wanted.get("responseMimeType") == "application/json", "response_mime_type is not set")
        _check(wanted.get("responseSchema"))
        return [_text(body.get("systemInstruction", {})), *map(_text, contents)]

    def whole(self, said: Said, model: str) -> dict[str, Any]:
        """Return an answer with its one candidate; none when the question is blocked."""
        answer = {"usageMetadata": _usage(said), "modelVersion": model}
        if said.end == "refused":
            return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **answer}
        return {"candidates": [_candidate(said.text, _FINISH[said.end])], **answer}

    def streamed(self, said: Said, model: str) -> Iterator[str]:
        """Yield the answers of an array, one for each part; the counts grow."""
        answers: list[dict[str, Any]] = [{"candidates": [_candidate(part)]} for part in said.parts]
        if said.end == "refused":
            answers = [{"candidates": [{"finishReason": "SAFETY", "index": 0}]}]
        else:
            answers[-1]["candidates"][0]["finishReason"] = _FINISH[said.end]
        answers[-1]["usageMetadata"] = _usage(said)
        for number, answer in enumerate(answers):
            yield ("," if number else "[") + json.dumps({**answer, "modelVersion": model})
        yield "]"

    def texts_to_embed(self, body: dict[str, Any]) -> list[str]:
        """Return the texts of :batchEmbedContents."""
        requests = body.get("requests")
        require(isinstance(requests, list) and 0 < len(requests) <= MAX_BATCH, "at most 100 requests")
        assert isinstance(requests, list)
        for each in requests:
            require(str(each.get("model", "")).startswith("models/"), "model is not specified")
            require(each.get("taskType") in _TASKS, "Invalid value at 'task_type'")
            require(each.get("outputDimensionality") == DIMENSIONS, "output_dimensionality is not supported")
            require(_text(each.get("content", {})), "content is empty")
        return [_text(each["content"]) for each in requests]

    def embedded(self, vectors: list[list[float]], model: str) -> dict[str, Any]:
        """Return the vectors in the order of the requests."""
        return {"embeddings": [{"values": numbers} for numbers in vectors]}

    def error(self, refused: Refused) -> dict[str, Any]:
        """Return an error."""
        status = 400 if refused.status == 401 else refused.status  # so it is for a wrong key
        error = {"code": status, "message": refused.message, "status": _STATUS.get(status, "UNKNOWN")}
        if refused.status == 401:
            info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "domain": "googleapis.com"}
            error["details"] = [info | {"reason": "API_KEY_INVALID"}]
        return {"error": error}


def _text(content: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in content.get("parts", []))


def _check(schema: Any) -> None:
    require(isinstance(schema, dict), "response_schema is not set")
    unknown = schema.keys() - _SCHEMA
    require(not unknown, f"Invalid JSON payload received. Unknown name {sorted(unknown)}")
    for each in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        _check(each)


def _candidate(text: str, finish: str = "") -> dict[str, Any]:
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    return candidate | ({"finishReason": finish} if finish else {})


def _usage(said: Said) -> dict[str, int]:
    sent, received = said.sent_tokens, said.received_tokens
    return {
        "promptTokenCount": sent,
        "candidatesTokenCount": received,
        "totalTokenCount": sent + received,
    }
