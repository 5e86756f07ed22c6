"""Anthropic behind the port."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from murph.gateways.ai import prompt
from murph.gateways.ai.deadline import ask, in_time
from murph.gateways.ai.failures import dig
from murph.gateways.ai.port import ANTHROPIC, Candidate, Message, Suggestion, Tokens
from murph.gateways.ai.prompt import MAX_ANSWER_TOKENS, SCHEMA, Question, Written
from murph.gateways.ai.sdk import connections

_WHOLE = ("end_turn", "stop_sequence")


class Anthropic:
    """Models that answer at Anthropic's messages, under one key."""

    name = ANTHROPIC

    def __init__(self, *, api_key: str, model: str, base_url: str, streamed: bool = True) -> None:
        self._api_key, self._model, self._base_url = api_key, model, base_url
        self._streamed = streamed

    def suggest(
        self, messages: Sequence[Message], candidates: Sequence[Candidate], *, timeout_s: float
    ) -> Suggestion:
        """Answer the last message with some of the candidates; failures are the port's."""
        question = prompt.compose(messages, candidates)
        answer = self._read_stream if self._streamed else self._read_whole
        return prompt.read(
            ask(lambda: answer(question, timeout_s), spent=question.tokens, timeout_s=timeout_s)
        )

    def load(self) -> None:
        """Import the vendor's library."""
        import anthropic  # noqa: F401

    def _read_stream(self, question: Question, timeout_s: float) -> Written:
        with (
            self._messages(timeout_s) as create,
            closing(create(**self._request(question), stream=True)) as stream,
        ):
            return _assembled(in_time(stream, timeout_s=timeout_s))

    def _read_whole(self, question: Question, timeout_s: float) -> Written:
        with self._messages(timeout_s) as create:
            answer = create(**self._request(question))
        blocks = dig(answer, "content")
        parts = [dig(block, "text") for block in (blocks if isinstance(blocks, list) else [])]
        usage = prompt.tokens(dig(answer, "usage", "input_tokens"), dig(answer, "usage", "output_tokens"))
        return _written(parts, dig(answer, "stop_reason"), usage)

    @contextmanager
    def _messages(self, timeout_s: float) -> Iterator[Callable[..., Any]]:
        import anthropic

        with connections(anthropic) as http:
            client = anthropic.Anthropic(
                api_key=self._api_key,
                base_url=self._base_url,
                timeout=timeout_s,
                max_retries=0,
                http_client=http,
            )
            yield client.messages.create

    def _request(self, question: Question) -> dict[str, Any]:
        return {
            "model": self._model,
            "system": question.system,
            "messages": [
                {"role": "user" if turn.by_student else "assistant", "content": turn.text}
                for turn in question.turns
            ],
            "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
            "thinking": {"type": "disabled"},  # newer models think unless told otherwise, and take long
            "max_tokens": MAX_ANSWER_TOKENS,
        }


def _assembled(events: Iterator[Any]) -> Written:
    parts: list[object] = []
    stop: object = None
    sent: object = None
    received: object = None
    for event in events:
        parts.append(dig(event, "delta", "text"))
        stop = dig(event, "delta", "stop_reason") or stop
        sent = dig(event, "message", "usage", "input_tokens") or sent
        received = dig(event, "usage", "output_tokens") or received
    return _written(parts, stop, prompt.tokens(sent, received))


def _written(parts: list[object], stop: object, tokens: Tokens) -> Written:
    text = "".join(part for part in parts if isinstance(part, str))
    return Written(text, tokens, is_whole=stop in _WHOLE, is_refusal=stop == "refusal")
