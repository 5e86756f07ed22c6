"""A flask-smorest blueprint that documents guards and refusals from the code itself."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial, wraps
from typing import Any, TypeVar

import flask_smorest
import marshmallow
from flask import request
from marshmallow import INCLUDE, fields

from murph.core.errors import BadRequest, MurphError, NotFound, Unauthenticated, Unprocessable
from murph.core.http.body import FORM, UPLOAD, BodyParser
from murph.core.http.cursor import BadCursor
from murph.core.http.fields import PageQuery, Schema
from murph.core.http.idempotency import IDEMPOTENT, KEY_HEADER, KEY_PATTERN, REPLAYED_HEADER
from murph.core.http.uploads import REFUSALS, received
from murph.core.idempotency import RequestInProgress

F = TypeVar("F", bound=Callable[..., Any])
Guard = Callable[[F], F]

_GUARD = "murph_guard"
_RAISES = "murph_raises"
_OPERATION = "murph_operation"
_PUBLIC, _REFRESHING = "public", "refreshing"
_STATUS_TEXT = {
    400: "The request could not be read",
    401: "No valid token",
    402: "Not enough money",
    403: "Not for this account",
    404: "No such thing, or not the caller's",
    409: "Does not fit the present state",
    410: "Too late",
    412: "Changed since it was read",
    413: "The body is too large",
    415: "The body is of a kind that is not taken here",
    422: "Some values are not acceptable",
    429: "Too many requests",
    500: "A failure on our side",
    503: "Busy, and nothing was changed; or the database is away",
    507: "No room to store it",
}
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds to wait before trying again",
        "required": True,
        "schema": {"type": "integer", "minimum": 1, "example": 2},
    }
}
_MAYBE_RETRY_AFTER = {"Retry-After": {**_RETRY_AFTER["Retry-After"], "required": False}}
_CHALLENGE = {"WWW-Authenticate": {"required": True, "schema": {"type": "string", "const": "Bearer"}}}
_HEADERS = {401: _CHALLENGE, 429: _RETRY_AFTER, 503: _RETRY_AFTER}


_KEY = {
    "in": "header",
    "name": KEY_HEADER,
    "required": False,
    "description": "Makes it safe to repeat this request: for 24 hours the same key and body have no second "
    "effect and get the stored answer. Fresh for every intention, e.g. a UUID.",
    "schema": {
        "type": "string",
        "minLength": 8,
        "maxLength": 80,
        "pattern": KEY_PATTERN,
        "example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b12",
    },
}
_REPLAYED = {
    REPLAYED_HEADER: {
        "description": "Present when this is the stored answer to an earlier request",
        "schema": {"type": "string", "const": "true"},
    }
}


class Problem(Schema):
    """An error, as RFC 9457 describes it; some codes add members of their own."""

    class Meta:
        """marshmallow options."""

        unknown = INCLUDE

    type = fields.String(required=True, metadata={"example": "urn:murph:problem:validation_failed"})
    title = fields.String(required=True, metadata={"example": "Unprocessable Entity"})
    status = fields.Integer(required=True, metadata={"example": 422})
    detail = fields.String(
        required=True,
        metadata={
            "description": "What to do about it",
            "example": "Some values are not acceptable. See 'errors' for each field.",
        },
    )
    code = fields.String(
        required=True, metadata={"description": "Stable, for programs", "example": "validation_failed"}
    )
    errors = fields.Dict(
        keys=fields.String(),
        metadata={"description": "Messages by field", "example": {"title": ["Unknown field."]}},
    )
    request_id = fields.String(required=True, metadata={"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"})


def guarded(wrapper: F, name: str, *, raises: Sequence[type[MurphError]] = ()) -> F:
    """Mark `wrapper` as protected by the guard `name`, which answers with `raises`."""
    apidoc = dict(getattr(wrapper, "_apidoc", {}))
    apidoc[_GUARD] = {"name": name, "raises": tuple(raises)}
    wrapper._apidoc = apidoc  # type: ignore[attr-defined]
    wrapper.guard_name = name  # type: ignore[attr-defined]
    return wrapper


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """Blueprint whose operations list every status they can answer with."""

    ARGUMENTS_PARSER = BodyParser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The last one, as it completes what flask-smorest's own have written.
        self._prepare_doc_cbks.append(self._prepare_operation_doc)

    def route(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Serve the view at a path; flask-smorest's own, typed, with a name for the operation."""

        def decorator(view: F) -> F:
            name = options.get("endpoint", view.__name__)
            view._apidoc = {  # type: ignore[attr-defined]
                **getattr(view, "_apidoc", {}),
                _OPERATION: {"id": f"{self.name}_{name}", "rule": rule},
            }
            registered: F = super(Blueprint, self).route(rule, **options)(view)
            return registered

        return decorator

    def arguments(self, schema: type[marshmallow.Schema], **kwargs: Any) -> Callable[[F], F]:
        """Hand the view what a schema reads; flask-smorest's own, typed."""
        # An instance: webargs would make one of a class for each request.
        decorator: Callable[[F], F] = super().arguments(schema(), **kwargs)
        return decorator

    def takes_upload(
        self,
        schema: type[Schema],
        *,
        before: Callable[..., object],
        or_json: type[Schema] | None = None,
        limit_bytes: int | None = None,
    ) -> Callable[[F], F]:
        """Hand the view what a multipart form holds, or what JSON does where that is taken as well.

        One field of `schema` is an `UploadedFile`; it reads the file into an `Upload`, which is removed
        after the view unless it was moved. `before` is called first, with what the view is called with
        but the body: the body that it refuses is not read. `limit_bytes` is what the whole form may
        have. Fields that stand before the file in the form are looked at before the file is read.
        """

        def decorator(view: F) -> F:
            @wraps(view)
            def taking(*args: Any, **kwargs: Any) -> Any:
                if or_json is not None and request.mimetype != FORM:
                    return view(*args, self.ARGUMENTS_PARSER.parse(or_json, request), **kwargs)
                admit = partial(before, *args, **kwargs)
                with received(schema, before=admit, limit_bytes=limit_bytes) as body:
                    return view(*args, body, **kwargs)

            kinds = {FORM: schema} | ({} if or_json is None else {"application/json": or_json})
            taking._apidoc = {**getattr(view, "_apidoc", {}), UPLOAD: kinds}  # type: ignore[attr-defined]
            setattr(taking, UPLOAD, or_json is not None)
            return taking  # type: ignore[return-value]

        return decorator

    def response(self, *args: Any, **kwargs: Any) -> Callable[[F], F]:
        """Write the view's result through a schema; flask-smorest's own, typed."""
        decorator: Callable[[F], F] = super().response(*args, **kwargs)
        return decorator

    def doc(self, **described: Any) -> Callable[[F], F]:
        """Add to the operation's description as it is written there; flask-smorest's own, typed."""
        decorator: Callable[[F], F] = super().doc(**described)
        return decorator

    def alt_response(self, *args: Any, **kwargs: Any) -> Callable[[F], F]:
        """Document what the view also answers with; flask-smorest's own, typed."""
        decorator: Callable[[F], F] = super().alt_response(*args, **kwargs)
        return decorator

    def raises(self, *errors: type[MurphError]) -> Callable[[F], F]:
        """Document the refusals that this operation can answer with."""

        def mark(view: F) -> F:
            apidoc = dict(getattr(view, "_apidoc", {}))
            apidoc[_RAISES] = [*apidoc.get(_RAISES, []), *errors]
            view._apidoc = apidoc  # type: ignore[attr-defined]
            return view

        return mark

    def _prepare_operation_doc(self, doc: Any, doc_info: Any, *, method: str, **_: Any) -> Any:
        keyed, kinds = doc_info.get(IDEMPOTENT, ()), doc_info.get(UPLOAD, {})
        raised = [*doc_info.get(_GUARD, {}).get("raises", ()), *doc_info.get(_RAISES, ()), *keyed]
        if kinds:
            doc["requestBody"] = {"content": {kind: {"schema": schema} for kind, schema in kinds.items()}}
            raised += REFUSALS
        refusals = dict(_automatic_refusals(doc, doc_info[_OPERATION]["rule"], method))
        for error in raised:
            refusals.setdefault(error.status, set()).add(error.code)
        responses = doc.setdefault("responses", {})
        responses.pop("default", None)
        if keyed:
            _document_key(doc, doc_info["success_status_codes"])
        responses |= {status: _refusal_doc(status, refusals[status]) for status in sorted(refusals)}
        if RequestInProgress in keyed:
            responses[RequestInProgress.status]["headers"] = _MAYBE_RETRY_AFTER
        if "requestBody" in doc:
            doc["requestBody"]["required"] = _has_required_fields(doc["requestBody"])
        doc["operationId"] = doc_info[_OPERATION]["id"]
        doc["security"] = _security(doc_info.get(_GUARD, {}).get("name", _PUBLIC), raised)
        return doc


def _automatic_refusals(doc: Any, rule: str, method: str) -> Iterator[tuple[int, set[str]]]:
    yield 500, {MurphError.code}
    yield 503, {"contention", "unavailable"}
    schemas = [parameter["schema"] for parameter in doc.get("parameters", [])]
    if "requestBody" in doc:
        yield 400, {BadRequest.code}
        yield 415, {"unsupported_media_type"}
    elif any(isinstance(schema, PageQuery) for schema in schemas):
        yield 400, {BadCursor.code}
    if "requestBody" in doc or schemas:
        yield 422, {Unprocessable.code}
    if method != "get":
        yield 413, {"body_too_large"}
    if "<" in rule:
        yield 404, {NotFound.code}


def _has_required_fields(request_body: Any) -> bool:
    schemas = [content["schema"] for content in request_body["content"].values()]
    made = [schema() if isinstance(schema, type) else schema for schema in schemas]
    return any(field.required for schema in made for field in schema.fields.values())


def _document_key(doc: Any, successes: Sequence[int]) -> None:
    doc["parameters"] = [*doc.get("parameters", []), _KEY]
    for status in successes:
        doc["responses"][status]["headers"] = _REPLAYED


def _refusal_doc(status: int, codes: set[str]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": f"{_STATUS_TEXT[status]} (`{'`, `'.join(sorted(codes))}`)",
        "content": {"application/problem+json": {"schema": Problem}},
    }
    if status in _HEADERS:
        described["headers"] = _HEADERS[status]
    return described


def _security(guard: str, raised: Sequence[type[MurphError]]) -> list[dict[str, list[str]]]:
    if guard == _REFRESHING:
        return [{"refresh_token": []}]
    if guard != _PUBLIC:
        return [{"access_token": []}]
    # A public route that refuses bad tokens shows more to those who send a good one.
    return [{}, {"access_token": []}] if Unauthenticated in raised else []
