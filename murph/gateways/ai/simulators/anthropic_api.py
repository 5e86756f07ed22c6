"""Anthropic's messages."""

from collections.abc import Iterator
from typing import Any

from murph.gateways.ai.simulators.answers import Said
from murph.gateways.ai.simulators.vendors import Refused, bearer, event, is_strict, require

_STOP = {"whole": "end_turn", "cut off": "max_tokens", "refused": "refusal"}


class AnthropicApi:
    """POST /v1/messages."""

    def key(self, headers: dict[str, str]) -> str:
        """Return the key, by whichever of the two headers it comes; without a version there is none."""
        return headers.get("x-api-key") or bearer(headers) if headers.get("anthropic-version") else ""

    def texts(self, body: dict[str, Any]) -> list[str]:
        """Return the system's text and those of all messages."""
        messages = body.get("messages")
        require(body.get("model") and isinstance(body.get("max_tokens"), int), "max_tokens: field required")
        require(isinstance(messages, list) and messages, "messages: field required")
        assert isinstance(messages, list)
        require(messages[0].get("role") == "user", "messages: first message must use the user role")
        for message in messages:
            require(message.get("role") in ("user", "assistant"), "messages: unexpected role")
            require(message.get("content"), "messages: text content blocks must be non-empty")
        wanted = body.get("output_config", {}).get("format", {})
        require(is_strict(wanted.get("schema")), "output_config.format.schema: not strict")
        return [body.get("system", ""), *(message["content"] for message in messages)]

    def whole(self, said: Said, model: str) -> dict[str, Any]:
        """Return a message."""
        usage = {"input_tokens": said.sent_tokens, "output_tokens": said.received_tokens}
        content = [] if said.end == "refused" else [{"type": "text", "text": said.text}]
        return _frame(model) | {"content": content, "stop_reason": _STOP[said.end], "usage": usage}

    def streamed(self, said: Said, model: str) -> Iterator[str]:
        """Yield the events of a message, with the counts at both ends."""
        usage = {"input_tokens": said.sent_tokens, "output_tokens": 1}
        started = _frame(model) | {"content": [], "stop_reason": None, "usage": usage}
        yield _named("message_start", message=started)
        if said.end != "refused":
            yield _named("content_block_start", index=0, content_block={"type": "text", "text": ""})
            yield _named("ping")
            for part in said.parts:
                yield _named("content_block_delta", index=0, delta={"type": "text_delta", "text": part})
            yield _named("content_block_stop", index=0)
        delta = {"stop_reason": _STOP[said.end], "stop_sequence": None}
        yield _named("message_delta", delta=delta, usage={"output_tokens": said.received_tokens})
        yield _named("message_stop")

    def error(self, refused: Refused) -> dict[str, Any]:
        """Return an error."""
        return {"type": "error", "error": {"type": refused.kind, "message": refused.message}}


def _frame(model: str) -> dict[str, Any]:
    return {
        "id": "msg_simulated",
        "type": "message",
        "role": "assistant",
        "model": model,
        "stop_sequence": None,
    }


def _named(kind: str, **fields: Any) -> str:
    return event({"type": kind, **fields}, kind)
