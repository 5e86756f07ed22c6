"""OpenAI's chat completions, and Groq's, which differ in what they stream."""

from collections.abc import Iterator
from typing import Any

from murph.gateways.ai.simulators.answers import Said
from murph.gateways.ai.simulators.meaning import DIMENSIONS
from murph.gateways.ai.simulators.vendors import Refused, bearer, event, is_strict, require

_FINISH = {"whole": "stop", "cut off": "length", "refused": "stop"}


class OpenAiApi:
    """POST /v1/chat/completions."""

    def __init__(self, *, streams_structured: bool = True) -> None:
        self._streams_structured = streams_structured

    def key(self, headers: dict[str, str]) -> str:
        """Return the bearer token."""
        return bearer(headers)

    def texts(self, body: dict[str, Any]) -> list[str]:
        """Return the texts of all messages."""
        messages = body.get("messages")
        require(
            body.get("model") and isinstance(messages, list) and messages, "model and messages are required"
        )
        assert isinstance(messages, list)
        for message in messages:
            require(message.get("role") in ("system", "user", "assistant"), "unknown role")
            require(isinstance(message.get("content"), str) and message["content"], "content is required")
        wanted = body.get("response_format", {}).get("json_schema", {})
        require(wanted.get("strict") and is_strict(wanted.get("schema")), "the schema is not strict")
        structured_stream = body.get("stream") and not self._streams_structured
        require(not structured_stream, "response_format: streaming is not supported with json_schema")
        return [message["content"] for message in messages]

    def whole(self, said: Said, model: str) -> dict[str, Any]:
        """Return a chat.completion."""
        refused = said.end == "refused"
        message = {
            "role": "assistant",
            "content": None if refused else said.text,
            "refusal": said.text if refused else None,
        }
        choice = {"index": 0, "message": message, "finish_reason": _FINISH[said.end], "logprobs": None}
        return _frame("chat.completion", model) | {"choices": [choice], "usage": _usage(said)}

    def streamed(self, said: Said, model: str) -> Iterator[str]:
        """Yield the chunks, the counts last."""
        frame = _frame("chat.completion.chunk", model)
        name = "refusal" if said.end == "refused" else "content"
        for part in said.parts:
            yield event(frame | {"choices": [{"index": 0, "delta": {name: part}, "finish_reason": None}]})
        yield event(frame | {"choices": [{"index": 0, "delta": {}, "finish_reason": _FINISH[said.end]}]})
        yield event(frame | {"choices": [], "usage": _usage(said)})
        yield "data: [DONE]\n\n"

    def texts_to_embed(self, body: dict[str, Any]) -> list[str]:
        """Return the input of POST /v1/embeddings."""
        texts = body.get("input")
        require(body.get("model") and isinstance(texts, list) and texts, "model and input are required")
        assert isinstance(texts, list)
        require(all(isinstance(text, str) and text for text in texts), "input cannot be an empty string")
        require(body.get("dimensions") == DIMENSIONS, "dimensions is not supported by this model")
        require(body.get("encoding_format") == "float", "encoding_format must be float here")
        return texts

    def embedded(self, vectors: list[list[float]], model: str) -> dict[str, Any]:
        """Return a list of embeddings."""
        data = [
            {"object": "embedding", "index": place, "embedding": numbers}
            for place, numbers in enumerate(vectors)
        ]
        return {"object": "list", "data": data, "model": model, "usage": {"prompt_tokens": len(vectors)}}

    def error(self, refused: Refused) -> dict[str, Any]:
        """Return an error."""
        return {"error": {"message": refused.message, "type": refused.kind, "param": None, "code": None}}


def _frame(kind: str, model: str) -> dict[str, Any]:
    return {"id": "chatcmpl-simulated", "object": kind, "created": 1_700_000_000, "model": model}


def _usage(said: Said) -> dict[str, int]:
    sent, received = said.sent_tokens, said.received_tokens
    return {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received}
