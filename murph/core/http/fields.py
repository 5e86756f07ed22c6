"""Fields and schemas with the API's own rules: money as strings, moments with Z, clean text."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from marshmallow import EXCLUDE, ValidationError, fields, validate
from marshmallow import Schema as BaseSchema

from murph.core import money


class Schema(BaseSchema):
    """A body: unknown fields are refused, fields keep the order they are written in."""


class QuerySchema(BaseSchema):
    """Query parameters: those we do not know are ignored, as links gather them."""

    class Meta:
        """marshmallow options."""

        unknown = EXCLUDE


class Text(fields.String):
    """A string of bounded length that every database can store.

    Control characters other than line breaks and tabs are refused, and so are lone surrogates.
    """

    def __init__(self, *, max_length: int, min_length: int = 0, **kwargs: Any) -> None:
        rules = [*kwargs.pop("validators", []), validate.Length(min=min_length, max=max_length)]
        super().__init__(validate=rules, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is None or any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
            raise ValidationError("Remove the control characters.")
        return text.strip()


class HttpUrl(Text):
    """An http(s) address; it is stored and shown, never fetched."""

    def __init__(self, **kwargs: Any) -> None:
        rule = validate.URL(schemes={"http", "https"}, require_tld=False)
        super().__init__(max_length=500, validators=[rule], **kwargs)


class StrictInteger(fields.Integer):
    """A JSON integer: no booleans, no strings, no fractions."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Expected an integer.")
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


class Moment(fields.Field[datetime]):
    """A moment in UTC, written with Z; input must carry a zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise ValidationError("Expected a moment such as 2026-01-31T12:00:00Z.") from error
        if moment.tzinfo is None:
            raise ValidationError("The moment must carry its zone, e.g. a trailing Z.")
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("The moment is out of range.") from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat(timespec="microseconds").replace("+00:00", "Z")


class PageQuery(QuerySchema):
    """The two parameters of every list."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    cursor = Text(
        max_length=1000, load_default=None, metadata={"description": "next_cursor of the previous page"}
    )
