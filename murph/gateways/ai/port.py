"""The port: a model that may order courses which we found, and say why, whoever runs it.

What a provider says is to be judged, never believed: nothing of it is shown before it went through the guard.
Every call may wait on a network and therefore refuses to run inside a transaction.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias
from uuid import UUID

from murph.core.errors import Unavailable

GEMINI, OPENAI, ANTHROPIC, GROQ, OFFLINE = "gemini", "openai", "anthropic", "groq", "offline"
MAX_CANDIDATES = 20
DIMENSIONS = 256
"""Numbers of a vector: the models that are asked can give fewer than they have, at little loss."""
MAX_TEXTS = 100
"""Vectors that are asked for at once."""

if TYPE_CHECKING:
    Vector: TypeAlias = array[float]
else:  # which cannot be written so before Python 3.12
    Vector = array
"""DIMENSIONS numbers, together of length 1."""


class Role(StrEnum):
    """Who says something; `UNDERSTOOD` is what we made of the conversation, such as a budget."""

    STUDENT = "student"
    ASSISTANT = "assistant"
    UNDERSTOOD = "understood"


@dataclass(frozen=True)
class Message:
    """Something that was said; the conversation is in its order, and ends with the student's question."""

    role: Role
    text: str


@dataclass(frozen=True)
class Candidate:
    """A course that we found, in the order of our ranking; everything but the id may be left empty.

    `title`, `description`, `tags` are a teacher's words. `price` is our text, such as "0.12 USD per minute";
    `rating` is ours, of 5; `matched` are the words of the question that were found in the course; `reason` is
    what we say for it ourselves, and is made of the rest when it is empty. What is no
    `is_answer` only comes near.
    """

    course_id: UUID
    title: str
    description: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    level: str = ""
    language: str = ""
    minutes: int | None = None
    price: str = ""
    rating: float | None = None
    matched: tuple[str, ...] = ()
    reason: str = ""
    is_answer: bool = True


@dataclass(frozen=True)
class Pick:
    """A course, and why it fits."""

    course_id: UUID
    reason: str


@dataclass(frozen=True)
class Tokens:
    """What a provider counted: tokens it was sent, and tokens it wrote."""

    sent: int = 0
    received: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.sent + other.sent, self.received + other.received)

    @property
    def total(self) -> int:
        """What counts against a budget."""
        return self.sent + self.received


@dataclass(frozen=True)
class Suggestion:
    """An answer to a question, with the best course first."""

    reply: str
    picks: tuple[Pick, ...]
    followups: tuple[str, ...]
    tokens: Tokens = Tokens()


class ProviderFailed(Unavailable):
    """A provider gave no answer that can be used; `tokens` is what it counted all the same."""

    code = "ai_unavailable"
    detail = "No assistant can be asked at the moment. Search works as ever; ask again shortly."
    is_fault = True
    """Whether the provider itself is at fault, so that it is left alone for a while when this goes on."""

    def __init__(self, reason: str = "", *, tokens: Tokens = Tokens()) -> None:
        super().__init__()
        self.reason = reason
        self.tokens = tokens

    def __str__(self) -> str:
        return self.reason or type(self).__name__


class ProviderAway(ProviderFailed):
    """There was no connection, or the provider says that it cannot answer now."""


class ProviderTimedOut(ProviderFailed):
    """There was no complete answer in time."""


class ProviderUnreadable(ProviderFailed):
    """The answer is not what was asked for: cut off, or of another form."""


class KeyRefused(ProviderFailed):
    """The provider does not take our key: waiting does not help, a setting has to be changed."""


class ProviderRefused(ProviderFailed):
    """The provider will not answer this question; another may be answered."""

    is_fault = False


class AiProvider(Protocol):
    """A provider under one of the names above."""

    name: str

    def suggest(
        self, messages: Sequence[Message], candidates: Sequence[Candidate], *, timeout_s: float
    ) -> Suggestion:
        """Answer the last message with some of the candidates, of which there are at most MAX_CANDIDATES.

        Raises:
            RuntimeError: inside a transaction, which must not wait for a network.
            ProviderFailed: there is no usable answer; within `timeout_s` seconds.
        """

    def load(self) -> None:
        """Import the vendor's library, so that processes forked from this one need not, each by itself."""


class Embedder(Protocol):
    """A vendor's model that tells what texts mean; only what comes of the same one can be compared.

    `least` is how near (the cosine of the angle) a question and a course have to be for the one to be about
    the other; models differ in it.
    """

    name: str
    model: str
    least: float

    def embed(self, texts: Sequence[str], *, is_question: bool, timeout_s: float) -> list[Vector]:
        """Return the vector of each of at most MAX_TEXTS texts, none of them empty.

        Raises:
            RuntimeError: inside a transaction, which must not wait for a network.
            ProviderFailed: there is no usable answer; within `timeout_s` seconds.
        """
