"""The four vendors' APIs: where they are asked, what they insist on, and the form of their answers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from murph.gateways.ai.simulators.answers import Said


@dataclass
class Refused(Exception):
    """A request that the vendor does not take."""

    status: int
    kind: str
    message: str


class Api(Protocol):
    """A vendor's API."""

    def key(self, headers: dict[str, str]) -> str:
        """Return the key that was sent, or ""."""

    def texts(self, body: dict[str, Any]) -> list[str]:
        """Return the texts that were sent, the system's first, after looking at the whole request.

        Raises:
            Refused: it is not as the vendor wants it.
        """

    def whole(self, said: Said, model: str) -> dict[str, Any]:
        """Return the answer in one document."""

    def streamed(self, said: Said, model: str) -> Iterator[str]:
        """Yield the answer as it is streamed."""

    def error(self, refused: Refused) -> dict[str, Any]:
        """Return the document of an error."""


class EmbeddingApi(Protocol):
    """The API of a vendor that gives vectors of texts."""

    def texts_to_embed(self, body: dict[str, Any]) -> list[str]:
        """Return the texts that were sent, after looking at the whole request.

        Raises:
            Refused: it is not as the vendor wants it.
        """

    def embedded(self, vectors: list[list[float]], model: str) -> dict[str, Any]:
        """Return the answer with a vector for each text."""


def require(holds: object, message: str) -> None:
    """Refuse a request unless what `message` says holds.

    Raises:
        Refused: it does not.
    """
    if not holds:
        raise Refused(400, "invalid_request_error", message)


def bearer(headers: dict[str, str]) -> str:
    """Return the token of an Authorization header."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def is_strict(schema: Any) -> bool:
    """Tell whether every object of a schema names all its fields as required, and allows no others."""
    if not isinstance(schema, dict):
        return False
    if schema.get("type") == "array":
        return is_strict(schema.get("items"))
    if schema.get("type") != "object":
        return True
    fields = schema.get("properties", {})
    closed = schema.get("additionalProperties") is False and set(schema.get("required", ())) == set(fields)
    return closed and all(map(is_strict, fields.values()))


def event(data: dict[str, Any], name: str = "") -> str:
    """Write a server-sent event."""
    named = f"event: {name}\n" if name else ""
    return f"{named}data: {json.dumps(data)}\n\n"
