"""Google's Gemini behind the port.

The vendor no longer works on this library. It is used for one call, over plain HTTP, without its retries.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from murph.gateways.ai import prompt
from murph.gateways.ai.deadline import ask, in_time
from murph.gateways.ai.failures import by_status, dig
from murph.gateways.ai.port import (
    GEMINI,
    Candidate,
    KeyRefused,
    Message,
    ProviderAway,
    ProviderTimedOut,
    ProviderUnreadable,
    Suggestion,
)
from murph.gateways.ai.prompt import MAX_ANSWER_TOKENS, SCHEMA, Question, Written

_KEY_INVALID = "API_KEY_INVALID"
"""It comes with the status of a question that makes no sense."""
_STOP, _MAX_TOKENS = "STOP", "MAX_TOKENS"


class Gemini:
    """Models of Google's Generative Language API, under one key."""

    name = GEMINI

    def __init__(self, *, api_key: str, model: str, base_url: str, streamed: bool = True) -> None:
        self._api_key, self._model, self._base_url = api_key, model, base_url
        self._streamed = streamed

    def suggest(
        self, messages: Sequence[Message], candidates: Sequence[Candidate], *, timeout_s: float
    ) -> Suggestion:
        """Answer the last message with some of the candidates; failures are the port's."""
        question = prompt.compose(messages, candidates)
        return prompt.read(
            ask(lambda: self._answer(question, timeout_s), spent=question.tokens, timeout_s=timeout_s)
        )

    def load(self) -> None:
        """Import the vendor's library."""
        with warnings.catch_warnings():
            # It says that it has come to its end, and which versions of Python it will not run on some day.
            warnings.simplefilter("ignore", FutureWarning)
            import google.generativeai  # noqa: F401

    def _answer(self, question: Question, timeout_s: float) -> Written:
        self.load()
        with _named_failures():
            said = self._client(question).generate_content(
                [
                    {"role": "user" if turn.by_student else "model", "parts": [{"text": turn.text}]}
                    for turn in question.turns
                ],
                stream=self._streamed,
                request_options={"timeout": timeout_s, "retry": None},
            )
            parts = in_time(said, timeout_s=timeout_s) if self._streamed else iter([said])
            return _assembled(part.to_dict() for part in parts)

    def _client(self, question: Question) -> Any:
        import google.generativeai as library
        from google.ai.generativelanguage import GenerativeServiceClient

        model: Any = library.GenerativeModel(  # type: ignore[attr-defined]
            self._model,
            system_instruction=question.system,
            generation_config={
                "response_mime_type": "application/json",
                "response_schema": _schema(SCHEMA),
                "max_output_tokens": MAX_ANSWER_TOKENS,
            },
        )
        # One of its own: the library's is shared by the whole process, whatever key or address it is for.
        model._client = GenerativeServiceClient(
            transport="rest", client_options={"api_key": self._api_key, "api_endpoint": self._base_url}
        )
        # Neither a proxy of the environment nor another address may see the key.
        session = model._client.transport._session
        session.trust_env, session.max_redirects = False, 0
        return model


@contextmanager
def _named_failures() -> Iterator[None]:
    import requests
    from google.api_core.exceptions import GoogleAPICallError
    from google.protobuf.json_format import ParseError

    try:
        yield
    except requests.Timeout:
        raise ProviderTimedOut("no answer in time") from None
    except requests.JSONDecodeError:
        raise ProviderUnreadable("no JSON") from None
    except requests.RequestException:
        raise ProviderAway("no connection") from None
    except GoogleAPICallError as error:
        if any(dig(detail, "reason") == _KEY_INVALID for detail in error.details):
            raise KeyRefused(_KEY_INVALID) from None
        raise by_status(int(error.code or 0)) from None
    except (ValueError, ParseError, StopIteration):  # the last of them for a stream without anything
        raise ProviderUnreadable("no JSON") from None


def _schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema in Gemini's dialect, which knows fewer words."""
    kept = {name: value for name, value in schema.items() if name != "additionalProperties"}
    if "properties" in kept:
        kept["properties"] = {name: _schema(each) for name, each in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = _schema(kept["items"])
    return kept


def _assembled(answers: Iterator[Mapping[str, Any]]) -> Written:
    from google.ai.generativelanguage import Candidate as Answer

    texts: list[str] = []
    finish = ""
    blocked: object = None
    usage: object = None
    for answer in answers:
        parts = dig(answer, "candidates", 0, "content", "parts")
        found = [dig(part, "text") for part in (parts if isinstance(parts, list) else [])]
        texts += [text for text in found if isinstance(text, str)]
        reason = dig(answer, "candidates", 0, "finish_reason")
        finish = Answer.FinishReason(reason).name if reason else finish
        blocked = dig(answer, "prompt_feedback", "block_reason") or blocked
        usage = dig(answer, "usage_metadata") or usage
    return Written(
        text="".join(texts),
        tokens=prompt.tokens(dig(usage, "prompt_token_count"), dig(usage, "candidates_token_count")),
        is_whole=finish == _STOP,
        is_refusal=bool(blocked) or finish not in ("", _STOP, _MAX_TOKENS),
    )
