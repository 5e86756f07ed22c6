"""Fields and examples that several schemas of courses share."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from murph.core.http.fields import Text
from murph.course.models import MAX_VIDEO_MS

ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}
URL = {"example": "https://videos.example.org/compound-interest.mp4"}
TITLE = {"example": "Compound interest, step by step"}
LANGUAGE_EXAMPLE = {"example": "en"}
_LANGUAGE = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"
MOMENT = {"example": "2026-01-31T12:00:00.000000Z"}


class Duration(fields.Float):
    """A time within a video: a JSON number outside, whole milliseconds inside."""

    def __init__(self, *, unit_ms: int, minimum_ms: int = 0, **kwargs: Any) -> None:
        self._unit_ms = unit_ms
        span = validate.Range(min=minimum_ms, max=MAX_VIDEO_MS, error="Must be positive and within a day.")
        super().__init__(**{"validate": span, **kwargs})

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Expected a number.")
        if not abs(value) <= MAX_VIDEO_MS:  # also refuses what no float can hold
            raise ValidationError("Must be positive and within a day.")
        return round(value * self._unit_ms)

    def _serialize(self, value: float | None, attr: str | None, obj: Any, **kwargs: Any) -> float | None:
        if value is None:
            return None
        whole, rest = divmod(int(value), self._unit_ms)
        return round(value / self._unit_ms, 3) if rest else whole


class LanguageTag(Text):
    """A language as BCP 47 writes it; those of more than three letters are names and no codes."""

    def __init__(self, **kwargs: Any) -> None:
        error = "Give a language tag such as en or pt-BR, and no name: English is en, German is de."
        rule = validate.Regexp(_LANGUAGE, error=error)
        super().__init__(max_length=35, validators=[rule], metadata=LANGUAGE_EXAMPLE, **kwargs)


class Mean(fields.Float):
    """A mean of stars, to two decimals; null where there is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=True, allow_none=True, **kwargs)

    def _serialize(self, value: float | None, attr: str | None, obj: Any, **kwargs: Any) -> float | None:
        return None if value is None else round(value, 2)


def seconds(example: float, **kwargs: Any) -> Duration:
    """Return a field for a time in seconds."""
    return Duration(unit_ms=1000, metadata={"example": example}, **kwargs)


def minutes(**kwargs: Any) -> Duration:
    """Return a field for a time in minutes."""
    return Duration(unit_ms=60_000, metadata={"example": 1.5}, **kwargs)
