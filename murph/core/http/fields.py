"""Fields and schemas with the API's own rules: money as strings, moments with Z, clean text.

A field whose rules a validator cannot tell says them itself: `described` is added to its JSON schema.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from flask import current_app
from marshmallow import ValidationError, fields, validate

from murph.core import money
from murph.core.http.writing import QuickSchema

_CONTROLS = r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F"
# White space, what Unicode calls ignorable, and letters and signs that are drawn as nothing.
_INVISIBLE = (
    r"\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E"
    r"\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF9-\uFFFB"
)
_NO_CONTROLS = f"^[^{_CONTROLS}]*$"
_NOT_BLANK = rf"^[^{_CONTROLS}]*[^{_INVISIBLE}{_CONTROLS}][^{_CONTROLS}]*$"
# Those beyond 16 bits stay out of the documented pattern, which not every browser could read.
_VISIBLE = re.compile(rf"[^{_INVISIBLE}{_CONTROLS}\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]")


class Schema(QuickSchema):
    """A body: unknown fields are refused, fields keep the order they are written in."""


def is_answer(field: fields.Field[Any]) -> bool:
    """Tell whether a field belongs to what we send; the name of every such schema ends in Out."""
    return type(field.root).__name__.endswith("Out")


class QuerySchema(QuickSchema):
    """Query parameters: those we do not know are refused, as a mistyped one would answer something else."""


class Text(fields.String):
    """A string of bounded length that every database can store.

    Control characters other than line breaks and tabs are refused, and so are lone surrogates. Where
    a minimum length is set, something has to be seen of it.
    """

    def __init__(self, *, max_length: int, min_length: int = 0, **kwargs: Any) -> None:
        rules = [*kwargs.pop("validators", []), validate.Length(min=min_length or None, max=max_length)]
        super().__init__(validate=rules, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is None or any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
            raise ValidationError("Remove the control characters.")
        stripped = text.strip()
        if stripped and self._is_needed and _VISIBLE.search(stripped) is None:
            raise ValidationError("Write something that can be seen.")
        return stripped

    def described(self) -> dict[str, Any]:
        """Return what JSON Schema can say of the characters, unless a pattern already does."""
        if any(isinstance(rule, validate.Regexp) for rule in self.validators):
            return {}
        return {"pattern": _NOT_BLANK if self._is_needed else _NO_CONTROLS}

    @property
    def _is_needed(self) -> bool:
        return any(isinstance(rule, validate.Length) and rule.min for rule in self.validators)


class HttpUrl(Text):
    """An http(s) address; it is stored and shown, never fetched."""

    def __init__(self, **kwargs: Any) -> None:
        rule = validate.URL(schemes={"http", "https"}, require_tld=False)
        super().__init__(max_length=500, validators=[rule], **kwargs)

    def described(self) -> dict[str, Any]:
        """Return the form of an address."""
        return {"format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}


class StrictInteger(fields.Integer):
    """A JSON integer, also written as ``1.0``: no booleans, no strings, no fractions."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not is_whole:
            raise ValidationError("Expected an integer.")
        return super()._deserialize(int(value), attr, data, **kwargs)


class StrictNumber(fields.Float):
    """A JSON number: no booleans, no strings."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Expected a number.")
        return super()._deserialize(value, attr, data, **kwargs)


class StrictBoolean(fields.Boolean):
    """A JSON boolean: no numbers, no strings."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Expected true or false.")
        return value


class QueryInteger(fields.Integer):
    """An integer in a query, in plain digits; Python would also read ``1_0``, ``+1`` and Arabic ones."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise ValidationError("Expected an integer.")
        return super()._deserialize(value, attr, data, **kwargs)


class QueryNumber(fields.Float):
    """A number in a query, in plain digits."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> float:
        if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", value):
            raise ValidationError("Expected a number.")
        return super()._deserialize(value, attr, data, **kwargs)


class Money(fields.Field[Any]):
    """An amount in the deployment's currency: a decimal string outside, minor units inside."""

    def __init__(
        self, *, positive: bool = True, max_minor: int = money.MAX_INPUT_MINOR, **kwargs: Any
    ) -> None:
        self.positive = positive
        self.max_minor = max_minor
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        try:
            amount_minor = money.parse(value, current_app.config["CURRENCY"])
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if self.positive and amount_minor == 0:
            raise ValidationError("Must be more than zero.")
        if amount_minor > self.max_minor:
            currency = current_app.config["CURRENCY"]
            raise ValidationError(f"At most {money.to_text(self.max_minor, currency)} {currency}.")
        return amount_minor

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else money.to_text(value, current_app.config["CURRENCY"])

    def described(self) -> dict[str, Any]:
        """Return the form of an amount: any in an answer, up to the highest where one is read."""
        currency = current_app.config["CURRENCY"]
        places = money.places(currency)
        if is_answer(self):
            fraction = rf"\.[0-9]{{{places}}}" if places else ""
            return {"type": "string", "pattern": f"^-?[0-9]+{fraction}$"}
        text = {"pattern": self._pattern(places), "maxLength": len(money.to_text(self.max_minor, currency))}
        if isinstance(self.root, QuerySchema):
            return {"type": "string", **text}
        bounds = {
            "exclusiveMinimum" if self.positive else "minimum": 0,
            "maximum": self.max_minor // 10**places,
            "multipleOf": 1 / 10**places if places else 1,
        }
        return {"type": ["string", "number"], **text, **bounds}

    def _pattern(self, places: int) -> str:
        highest = str(self.max_minor // 10**places)  # 1 and zeros, like every limit
        fraction = rf"(\.[0-9]{{1,{places}}})?" if places else ""
        no_fraction = rf"(\.0{{1,{places}}})?" if places else ""
        not_zero = r"(?!0+(\.0+)?$)" if self.positive else ""
        return f"^{not_zero}([0-9]{{1,{len(highest) - 1}}}{fraction}|{highest}{no_fraction})$"


class Day(fields.Date):
    """A day as year, month and day, such as 2026-01-05, in no other form of ISO 8601."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)):
            raise self.make_error("invalid", obj_type=self.OBJ_TYPE, input=value)
        return super()._deserialize(value, attr, data, **kwargs)


def moment_text(moment: datetime) -> str:
    """Write a moment in UTC as every answer does."""
    return (
        moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    )  # half the time of the longer way


class Moment(fields.Field[datetime]):
    """A moment in UTC, written with Z; input must carry a zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise ValidationError(self._expected()) from error
        if moment.tzinfo is None:
            raise ValidationError(self._expected())
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("The moment is out of range.") from error

    def _expected(self) -> str:
        is_query = isinstance(self.root, QuerySchema)
        plus = " (in an address the + of a zone is written %2B)" if is_query else ""
        return f"Expected a day, a time and a zone, such as 2026-01-31T12:00:00Z{plus}."

    def described(self) -> dict[str, Any]:
        """Return the form of a moment."""
        return {"type": "string", "format": "date-time"}

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else moment_text(value)


class PageQuery(QuerySchema):
    """The two parameters of every list."""

    limit = QueryInteger(load_default=20, validate=validate.Range(1, 100), metadata={"example": 20})
    cursor = Text(
        min_length=1,
        max_length=1000,
        load_default=None,
        metadata={"description": "next_cursor of the previous page"},
    )
