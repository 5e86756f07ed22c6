"""What a request body may be: JSON in UTF-8, not too deep and not too large."""

import json
from typing import Any, NoReturn, Self

from flask import Flask, Request, current_app, request
from flask.json.provider import DefaultJSONProvider
from gunicorn.http.errors import ParseException
from webargs import missing
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from murph.core.errors import BadRequest

FORM = "multipart/form-data"
UPLOAD = "murph_upload"
"""The attribute of a view that takes an upload: whether it takes JSON as well."""


class WrittenNumber(float):
    """A number with a fraction or an exponent, which still says how it was written.

    Floats forget that: 5.00000000000000000001 would pass for an amount of 5.00.
    """

    _text: str

    def __new__(cls, text: str) -> Self:
        """Read the number, and keep its text."""
        number = super().__new__(cls, text)
        number._text = text
        return number

    def __str__(self) -> str:
        return self._text


class StrictJson(DefaultJSONProvider):
    """Reads JSON as RFC 8259 defines it, and fails on all else in the one way that becomes a 400."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return what the text says.

        Raises:
            ValueError: it is not JSON in UTF-8, or nests deeper than can be read.
        """
        text = s if isinstance(s, str) else s.decode()
        try:
            return json.loads(text, parse_float=WrittenNumber, parse_constant=_refuse_constant, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


class BodyParser(FlaskParser):
    """Hands requests to their schemas, which decide about unknown query parameters as about fields.

    A body that is no JSON is refused, and not taken as empty.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": None}

    def _raw_load_json(self, req: Request) -> Any:
        if not req.get_data():
            return missing
        if not is_json_request(req):
            raise UnsupportedMediaType
        return req.get_json()


def init_app(app: Flask) -> None:
    """Read JSON strictly and refuse large bodies, also where nobody would have read them."""
    app.json = StrictJson(app)
    app.before_request(_refuse_large_body)


def _refuse_large_body() -> None:
    length, is_chunked = request.content_length or 0, "Transfer-Encoding" in request.headers
    if not length and not is_chunked:
        return
    limit = request.max_content_length
    if limit is None or _is_upload():
        return
    if is_chunked:
        # What stands beyond the limit is cut off without a word, so look one byte further than it.
        request.max_content_length = limit + 1
        length = len(_read_chunks())
    if length > limit:
        # Of a film that comes without its form the kind is wrong, not the length.
        raise UnsupportedMediaType if _is_of_another_kind() else RequestEntityTooLarge


def _is_upload() -> bool:
    """Tell whether the view will see to the body itself, if to any."""
    takes_json = getattr(_view(), UPLOAD, None)
    return takes_json is False or (takes_json is True and request.mimetype == FORM)


def _is_of_another_kind() -> bool:
    """Tell whether the view takes JSON, and this is said to be something else."""
    described = getattr(_view(), "_apidoc", {}).get("arguments", {})
    takes_json = (
        getattr(_view(), UPLOAD, False)
        or "requestBody" in described
        or any(each["in"] == "json" for each in described.get("parameters", ()))
    )
    return takes_json and not is_json_request(request)


def _view() -> Any:
    return current_app.view_functions.get(request.endpoint or "")


def _read_chunks() -> bytes:
    try:
        return request.get_data()
    except (ParseException, OSError) as error:
        raise BadRequest("The body broke off, or its chunks are not written as HTTP says.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
