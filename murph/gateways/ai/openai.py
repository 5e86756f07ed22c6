"""OpenAI behind the port, and Groq, which speaks the same API at another address."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from murph.gateways.ai import prompt
from murph.gateways.ai.deadline import ask, in_time
from murph.gateways.ai.failures import dig
from murph.gateways.ai.port import GROQ, OPENAI, Candidate, Message, Suggestion, Tokens
from murph.gateways.ai.prompt import MAX_ANSWER_TOKENS, SCHEMA, Question, Written
from murph.gateways.ai.sdk import connections


class OpenAi:
    """Models that answer at OpenAI's chat completions, under one key."""

    def __init__(
        self, *, api_key: str, model: str, base_url: str, name: str = OPENAI, streamed: bool = True
    ) -> None:
        self.name = name
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
        import openai  # noqa: F401

    def _read_stream(self, question: Question, timeout_s: float) -> Written:
        with self._completions(timeout_s) as create:
            options = {"stream": True, "stream_options": {"include_usage": True}}
            with closing(create(**self._request(question), **options)) as stream:
                return _assembled(in_time(stream, timeout_s=timeout_s))

    def _read_whole(self, question: Question, timeout_s: float) -> Written:
        with self._completions(timeout_s) as create:
            answer = create(**self._request(question))
        said = dig(answer, "choices", 0, "message")
        return _written(
            dig(said, "content"),
            dig(said, "refusal"),
            dig(answer, "choices", 0, "finish_reason"),
            _usage(answer),
        )

    @contextmanager
    def _completions(self, timeout_s: float) -> Iterator[Callable[..., Any]]:
        import openai

        with connections(openai) as http:
            client = openai.OpenAI(
                api_key=self._api_key,
                base_url=self._base_url,
                timeout=timeout_s,
                max_retries=0,
                http_client=http,
            )
            yield client.chat.completions.create

    def _request(self, question: Question) -> dict[str, Any]:
        turns = [
            {"role": "user" if turn.by_student else "assistant", "content": turn.text}
            for turn in question.turns
        ]
        schema = {"name": "suggestion", "strict": True, "schema": SCHEMA}
        return {
            "model": self._model,
            "messages": [{"role": "system", "content": question.system}, *turns],
            "response_format": {"type": "json_schema", "json_schema": schema},
            "max_completion_tokens": MAX_ANSWER_TOKENS,
        }


def groq(*, api_key: str, model: str, base_url: str) -> OpenAi:
    """Return Groq, which cannot stream an answer that has to follow a schema."""
    return OpenAi(api_key=api_key, model=model, base_url=base_url, name=GROQ, streamed=False)


def _assembled(chunks: Iterator[Any]) -> Written:
    texts: list[str] = []
    refusals: list[str] = []
    finish: object = None
    tokens = Tokens()
    for chunk in chunks:
        choice = dig(chunk, "choices", 0)
        for name, parts in (("content", texts), ("refusal", refusals)):
            part = dig(choice, "delta", name)
            parts += [part] if isinstance(part, str) else []
        finish = dig(choice, "finish_reason") or finish
        tokens = _usage(chunk) if dig(chunk, "usage") else tokens
    return _written("".join(texts), "".join(refusals), finish, tokens)


def _usage(answer: object) -> Tokens:
    return prompt.tokens(dig(answer, "usage", "prompt_tokens"), dig(answer, "usage", "completion_tokens"))


def _written(text: object, refusal: object, finish: object, tokens: Tokens) -> Written:
    return Written(
        text=text if isinstance(text, str) else "",
        tokens=tokens,
        is_whole=finish == "stop",
        is_refusal=bool(refusal) or finish == "content_filter",
    )
