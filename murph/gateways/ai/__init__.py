"""Models that may order and explain what we found: the port, its adapters, the guard, and the choice."""

from murph.gateways.ai.choice import (
    Answer,
    Assistant,
    Meanings,
    assistant,
    from_config,
    init_app,
    meanings,
)
from murph.gateways.ai.port import MAX_CANDIDATES, OFFLINE, Candidate, Message, Pick, Role, Suggestion, Tokens

__all__ = [
    "MAX_CANDIDATES",
    "OFFLINE",
    "Answer",
    "Assistant",
    "Candidate",
    "Meanings",
    "Message",
    "Pick",
    "Role",
    "Suggestion",
    "Tokens",
    "assistant",
    "from_config",
    "init_app",
    "meanings",
]
