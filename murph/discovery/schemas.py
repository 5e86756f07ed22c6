"""What discovery is asked over HTTP, and answers."""

from typing import Any

from marshmallow import fields, validate

from murph.core.http.fields import (
    Moment,
    Money,
    QueryInteger,
    QueryNumber,
    QuerySchema,
    Schema,
    StrictBoolean,
    StrictNumber,
    Text,
)
from murph.course.models import LEVELS
from murph.course.schemas.parts import Duration, Mean
from murph.discovery.engine.completion import KINDS
from murph.discovery.models import READY, THINKING
from murph.discovery.understanding.cues import ORDERS

_ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b12"}
_PERSONAL = {"description": "Whether what the caller watched may move courses"}


class SearchQuery(QuerySchema):
    """What is sought, and what it has to be like."""

    q = Text(required=True, min_length=1, max_length=2000, metadata={"example": "how ledgers work"})
    category = Text(max_length=60, metadata={"description": "Its name"})
    teacher_id = fields.UUID()
    level = fields.String(validate=validate.OneOf(LEVELS))
    language = Text(max_length=35)
    min_price = Money(positive=False, attribute="min_price_minor")
    max_price = Money(positive=False, attribute="max_price_minor")
    min_rating = QueryNumber(validate=validate.Range(1, 5), load_default=None)
    personal = fields.Boolean(load_default=True, metadata=_PERSONAL)
    limit = QueryInteger(load_default=10, validate=validate.Range(1, 50), metadata={"example": 10})


class SuggestQuery(QuerySchema):
    """What was typed so far."""

    q = Text(required=True, min_length=1, max_length=100, metadata={"example": "ledg"})
    limit = QueryInteger(load_default=8, validate=validate.Range(1, 20), metadata={"example": 8})


class PassageOut(Schema):
    """Where in a video it is said, and what watching that part costs."""

    video_id = fields.UUID(required=True, metadata=_ID)
    start_seconds = Duration(unit_ms=1000, required=True, attribute="begin_ms", metadata={"example": 12.5})
    end_seconds = Duration(unit_ms=1000, required=True, attribute="end_ms", metadata={"example": 72.5})
    text = fields.String(required=True, metadata={"example": "every entry has two sides"})
    price = Money(required=True, attribute="price_minor", metadata={"example": "0.10"})


class SuggestionOut(Schema):
    """A course that answers; every figure comes from the course itself."""

    course_id = fields.UUID(required=True, attribute="course.id", metadata=_ID)
    title = fields.String(required=True, attribute="course.title", metadata={"example": "Ledgers"})
    teacher_id = fields.UUID(required=True, attribute="course.teacher_id", metadata=_ID)
    teacher_name = fields.String(
        required=True, attribute="course.teacher_name", metadata={"example": "Ada Lovelace"}
    )
    category = fields.String(
        required=True, attribute="course.category_name", metadata={"example": "Business"}
    )
    level = fields.String(
        required=True, allow_none=True, attribute="course.level", metadata={"example": "beginner"}
    )
    language = fields.String(
        required=True, allow_none=True, attribute="course.language", metadata={"example": "en"}
    )
    thumbnail_url = fields.String(
        required=True, allow_none=True, attribute="course.thumbnail_url", metadata={"example": None}
    )
    currency = fields.String(required=True, attribute="course.currency", metadata={"example": "USD"})
    price_per_minute = Money(
        required=True, attribute="course.price_per_minute_minor", metadata={"example": "0.10"}
    )
    price_to_finish = Money(
        required=True, attribute="course.price_to_finish_minor", metadata={"example": "0.28"}
    )
    duration_seconds = Duration(
        unit_ms=1000, required=True, attribute="course.total_duration_ms", metadata={"example": 172}
    )
    rating = Mean(attribute="course.rating", metadata={"example": 4.2})
    reason = fields.String(required=True, metadata={"example": "Business; 2 minutes; 0.10 USD per minute."})
    match_score = fields.Float(
        required=True,
        metadata={
            "example": 0.91,
            "description": "How well it answers, 0..1: its place beside the best, as far as that answers.",
        },
    )
    part = fields.Nested(PassageOut, required=True, allow_none=True)


class SearchOut(Schema):
    """The courses that answer best, the best one first."""

    items = fields.List(fields.Nested(SuggestionOut), required=True)


class CompletionOut(Schema):
    """A name that goes on as typed."""

    text = fields.String(required=True, metadata={"example": "Ledgers"})
    kind = fields.String(
        required=True, validate=validate.OneOf(sorted(KINDS.values())), metadata={"example": "course"}
    )
    course_id = fields.UUID(required=True, allow_none=True, attribute="key", metadata=_ID)


class SuggestOut(Schema):
    """Names that could be meant."""

    items = fields.List(fields.Nested(CompletionOut), required=True)


class ChatIn(Schema):
    """A message, and whether to wait for a provider's answer to it."""

    message = Text(
        required=True,
        min_length=1,
        max_length=2000,
        metadata={"example": "Bookkeeping for a beginner, under $2"},
    )
    conversation_id = fields.UUID(load_default=None, allow_none=True, metadata=_ID)
    wait_seconds = StrictNumber(
        load_default=0, validate=validate.Range(0, 20), metadata={"example": 0, "description": "At most 20"}
    )
    personal = StrictBoolean(load_default=True, metadata=_PERSONAL | {"example": True})


class AmountSaid(Money):
    """An amount as it was written when it was understood."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)


class UnderstoodOut(Schema):
    """What the conversation asks for by now."""

    topic = fields.String(required=True, allow_none=True, metadata={"example": "Bookkeeping"})
    level = fields.String(required=True, allow_none=True, metadata={"example": "beginner"})
    language = fields.String(required=True, allow_none=True, metadata={"example": "de or en"})
    max_price_per_minute = AmountSaid(required=True, allow_none=True, metadata={"example": "0.20"})
    min_price_per_minute = AmountSaid(required=True, allow_none=True, metadata={"example": "0.05"})
    budget = AmountSaid(required=True, allow_none=True, metadata={"example": "2.00"})
    min_budget = AmountSaid(required=True, allow_none=True, metadata={"example": "1.00"})
    minutes = fields.Integer(required=True, allow_none=True, metadata={"example": 30})
    min_minutes = fields.Integer(required=True, allow_none=True, metadata={"example": None})
    order = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(ORDERS), metadata={"example": None}
    )
    excluded = fields.List(fields.String(), required=True, metadata={"example": ["java"]})


class TurnOut(Schema):
    """A message and its answer; `provider` says who wrote the sentences, courses and figures are ours."""

    conversation_id = fields.UUID(required=True, metadata=_ID)
    turn_id = fields.UUID(required=True, metadata=_ID)
    status = fields.String(
        required=True, validate=validate.OneOf((THINKING, READY)), metadata={"example": READY}
    )
    message = fields.String(required=True, metadata={"example": "Bookkeeping for a beginner, under $2"})
    reply = fields.String(required=True, metadata={"example": "One course fits: Ledgers."})
    suggestions = fields.List(fields.Nested(SuggestionOut), required=True)
    followups = fields.List(
        fields.String(), required=True, metadata={"example": ["Is there something cheaper?"]}
    )
    provider = fields.String(required=True, metadata={"example": "offline"})
    understood = fields.Nested(UnderstoodOut, required=True)
    created_at = Moment(required=True, metadata={"example": "2026-01-31T12:00:00.000000Z"})


class EventOut(Schema):
    """One of the events that tell of a turn; `data` is JSON."""

    event = fields.String(
        required=True,
        validate=validate.OneOf(("suggestions", "token", "done", "error")),
        metadata={"example": "token"},
    )
    data = fields.String(required=True, metadata={"example": '{"text": "One "}'})


class HistoryOut(Schema):
    """One page of what was asked and answered."""

    items = fields.List(fields.Nested(TurnOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True, metadata={"example": None})
