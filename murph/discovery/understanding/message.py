"""A message of a chat as what it asks for."""

from dataclasses import dataclass

from murph.discovery.engine.text import plain
from murph.discovery.understanding.clauses import Clause, Pairing, subject
from murph.discovery.understanding.slots import Slots, read


@dataclass(frozen=True)
class Understood:
    """What is sought: its subject in parts that count more or less, and what was wished besides."""

    subject: tuple[Clause, ...]
    slots: Slots


def understand(message: str, *, is_name: Pairing, places: int) -> Understood:
    """Return what one message asks for; `places` are the decimals of the currency."""
    slots, left = read(plain(message), places=places)
    return Understood(tuple(subject(left, is_name)), slots)
