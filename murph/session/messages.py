"""The messages of the player's WebSocket, read strictly and written from plain values."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from murph.core.money import to_text
from murph.metering.cost import cost_minor
from murph.metering.credit import PlayState

MAX_MESSAGE_BYTES = 1024
MAX_PLAYED_MS = 86_400_000
MAX_SEQ = 2**53
LOW_BALANCE_SECONDS = 120
_STATES = {state.value: state for state in PlayState}


class BadMessage(Exception):
    """A frame that is not one of the documented messages; the sentence says what is wrong."""


class Tick(NamedTuple):
    """A player's progress; `played_ms` is cumulative since ``ready``."""

    seq: int
    played_ms: int
    state: PlayState
    video_id: str | None
    position_ms: int | None
    rate: float


def parse(text: str | bytes) -> dict[str, Any]:
    """Read a frame as a JSON object with a ``type``.

    Raises:
        BadMessage: it is anything else.
    """
    if isinstance(text, bytes):
        raise BadMessage("Send text frames, not binary ones.")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessage("Not JSON.") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise BadMessage('Send an object with a "type".')
    return message


def read_tick(message: Mapping[str, Any]) -> Tick:
    """Read a tick.

    Raises:
        BadMessage: a required field is missing, or a value is of the wrong kind or out of range.
    """
    state = message.get("state")
    if not isinstance(state, str) or state not in _STATES:
        raise BadMessage(f'"state" is one of {", ".join(_STATES)}.')
    position_ms, video_id = message.get("position_ms"), message.get("video_id")
    if video_id is not None and not isinstance(video_id, str):
        raise BadMessage('"video_id" is a string.')
    return Tick(
        seq=_integer(message.get("seq"), "seq", MAX_SEQ),
        played_ms=_integer(message.get("played_ms"), "played_ms", MAX_PLAYED_MS),
        state=_STATES[state],
        video_id=video_id,
        position_ms=None if position_ms is None else _integer(position_ms, "position_ms", MAX_SEQ),
        rate=_rate(message.get("rate", 1)),
    )


def _integer(value: Any, name: str, highest: int) -> int:
    if type(value) is not int or not 0 <= value <= highest:
        raise BadMessage(f'"{name}" is an integer from 0 to {highest}.')
    return value


def _rate(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.25 <= value <= 2.0:
        raise BadMessage('"rate" is a number from 0.25 to 2.0.')
    return float(value)


class Standing(NamedTuple):
    """How far a session's money reaches, as players see it."""

    used_ms: int
    affordable_ms: int
    locked_minor: int
    price_per_minute_minor: int
    currency: str

    def members(self) -> str:
        """Write the figures that ``ready`` and every ``ack`` carry, as members of a JSON object."""
        spent_minor = cost_minor(used_ms=self.used_ms, price_per_minute_minor=self.price_per_minute_minor)
        return (
            f'"used_seconds":{self.used_ms // 1000},"cost":"{to_text(spent_minor, self.currency)}",'
            f'"locked":"{to_text(self.locked_minor, self.currency)}","seconds_left":{self.seconds_left}'
        )

    @property
    def seconds_left(self) -> int:
        """Return the whole seconds that the lock still pays for."""
        return (self.affordable_ms - self.used_ms) // 1000


def ready(*, epoch: int, standing: Standing, interval_ms: int) -> str:
    """Write the message that opens the meter."""
    return f'{{"type":"ready","epoch":{epoch},{standing.members()},"interval_ms":{interval_ms}}}'


def ack(*, seq: int, standing: Standing, interval_ms: int, warning: str | None) -> str:
    """Write the message that says a tick is durable."""
    # Numbers and fixed words only: put together by hand in a fifth of the time that a JSON writer takes.
    written = "null" if warning is None else f'"{warning}"'
    return (
        f'{{"type":"ack","seq":{seq},{standing.members()},"interval_ms":{interval_ms},"warning":{written}}}'
    )


def ended(*, reason: str | None, receipt: Mapping[str, Any]) -> str:
    """Write the last message of a session."""
    return json.dumps({"type": "ended", "reason": reason, "receipt": receipt})


def plain(kind: str) -> str:
    """Write a message that carries nothing but its type: pong, suspend, reauth."""
    return json.dumps({"type": kind})


def error(*, code: str, detail: str) -> str:
    """Write what was wrong, before the socket is closed for it."""
    return json.dumps({"type": "error", "code": code, "detail": detail})
