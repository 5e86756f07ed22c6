"""The simulators of the vendors' APIs as a process of its own, and the real adapters in front of them."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from murph.gateways.ai.anthropic import Anthropic
from murph.gateways.ai.gemini import Gemini
from murph.gateways.ai.offline import Offline
from murph.gateways.ai.openai import OpenAi, groq
from murph.gateways.ai.port import AiProvider, Candidate, Embedder, Message, Role
from murph.gateways.ai.vectors import GeminiVectors, OpenAiVectors
from tests.support.processes import ROOT, Child

KEY = "key-of-the-tests-8c1f"
MODEL = "model-of-the-tests"
VENDORS = ("gemini", "openai", "anthropic", "groq")
WAYS = (
    "gemini",
    "gemini whole",
    "openai",
    "openai whole",
    "anthropic",
    "anthropic whole",
    "groq",
)
"""The vendors, and how their answers come: in a stream unless they are whole; Groq's always are."""

_HTTP = httpx.Client(trust_env=False)
_PATHS = {"gemini": "", "openai": "/v1", "anthropic": "", "groq": "/openai/v1"}
_ADAPTERS: dict[str, Callable[..., AiProvider]] = {
    "gemini": Gemini,
    "openai": OpenAi,
    "anthropic": Anthropic,
    "groq": groq,
}
EMBEDDERS: dict[str, Callable[..., Embedder]] = {"gemini": GeminiVectors, "openai": OpenAiVectors}


@dataclass(frozen=True)
class Simulators:
    """Running simulators, their switches, and their clients."""

    origin: str
    child: Child

    def base_url(self, vendor: str) -> str:
        """What the vendor's address setting takes."""
        return self.origin + _PATHS[vendor]

    def provider(self, way: str, *, key: str = KEY, model: str = MODEL) -> AiProvider:
        """Return the real adapter, speaking to its simulator in one of the WAYS."""
        vendor, _, whole = way.partition(" ")
        how = {"streamed": False} if whole else {}
        return _ADAPTERS[vendor](api_key=key, model=model, base_url=self.base_url(vendor), **how)

    def embedder(self, vendor: str, *, key: str = KEY) -> Embedder:
        """Return the real adapter for vectors, speaking to its simulator."""
        return EMBEDDERS[vendor](api_key=key, model=MODEL, base_url=self.base_url(vendor))

    def settings(self, *vendors: str, key: str = KEY) -> dict[str, Any]:
        """Return the settings that point an application at these vendors."""
        prefixes = {"gemini": "GOOGLE_AI", "openai": "OPENAI", "anthropic": "ANTHROPIC", "groq": "GROQ"}
        return {
            name: value
            for vendor in vendors
            for name, value in (
                (f"{prefixes[vendor]}_API_KEY", key),
                (f"{prefixes[vendor]}_API_URL", self.base_url(vendor)),
            )
        }

    def behave(self, way: str, behaviour: str, **switches: Any) -> None:
        """Have a vendor answer otherwise."""
        vendor = way.split()[0]
        answer = _HTTP.post(f"{self.origin}/_control/{vendor}", json={"behaviour": behaviour, **switches})
        assert answer.is_success, answer.text

    def state(self, way: str) -> dict[str, Any]:
        """Return what a vendor remembers."""
        shown: dict[str, Any] = _HTTP.get(f"{self.origin}/_control").json()[way.split()[0]]
        return shown

    def heal(self) -> None:
        """Have every vendor answer as it should."""
        for vendor in VENDORS:
            self.behave(vendor, "normal", latency_s=30, text="")


@contextmanager
def running_simulators(folder: Path, *options: str) -> Iterator[Simulators]:
    """Run the simulators for the length of a ``with`` block, on a port of their own choice."""
    log = folder / "ai-simulators.log"
    command = [sys.executable, "-m", "murph.gateways.ai.simulators", "--port=0", f"--key={KEY}", *options]
    with Child("ai-simulators", command, log=log) as child:
        child.wait_until(lambda: "Switches:" in log.read_text())
        found = re.search(r"GOOGLE_AI_API_URL=(\S+)", log.read_text())
        assert found
        yield Simulators(found[1], child)


def embedded() -> AiProvider:
    """Return the provider that needs no vendor."""
    return Offline()


def course(number: int, **changes: Any) -> Candidate:
    """Return a course to choose from."""
    fields: dict[str, Any] = {
        "course_id": UUID(int=(0x7 << 76) | (0x8 << 60) | number),
        "title": f"Python, part {number}",
        "description": "Variables, loops and functions, with exercises.",
        "category": "Programming",
        "tags": ("python", "beginners"),
        "level": "beginner",
        "minutes": 42,
        "price": "0.12 USD per minute",
        "rating": 4.6,
        "matched": ("python",),
        **changes,
    }
    return Candidate(**fields)


def courses(count: int) -> list[Candidate]:
    """Return that many courses, best first."""
    return [course(number) for number in range(1, count + 1)]


def question(text: str = "I want to learn Python", *before: str) -> list[Message]:
    """Return a conversation: what was said before, in turns, and the question."""
    roles = (Role.STUDENT, Role.ASSISTANT)
    said = [Message(roles[place % 2], each) for place, each in enumerate(before)]
    return [*said, Message(Role.STUDENT, text)]


def lines(name: str) -> list[str]:
    """Return the lines of a file of texts for the tests of models."""
    return (ROOT / f"tests/gateways/ai/data/{name}.txt").read_text().splitlines()


def ids(candidates: Sequence[Candidate]) -> list[UUID]:
    """Return the ids of courses."""
    return [candidate.course_id for candidate in candidates]
