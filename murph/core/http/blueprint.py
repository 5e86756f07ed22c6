"""A flask-smorest blueprint that documents guards and refusals from the code itself."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import flask_smorest
from flask import Request
from marshmallow import fields
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import UnsupportedMediaType

from murph.core.errors import MurphError
from murph.core.http.fields import Schema

F = TypeVar("F", bound=Callable[..., Any])
Guard = Callable[[F], F]

_GUARD = "murph_guard"
_RAISES = "murph_raises"
_STATUS_TEXT = {
    400: "The request or the cursor could not be read",
    401: "No valid access token",
    403: "Not for this account",
    404: "No such thing, or not the caller's",
    413: "Body too large",
    415: "Body is not JSON",
    422: "Some values are not acceptable",
    429: "Too many requests",
    503: "Busy or the database is away; nothing was changed",
}


class Problem(Schema):
    """An error, as RFC 9457 describes it."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "What to do about it"})
    code = fields.String(required=True, metadata={"description": "Stable, for programs"})
    errors = fields.Dict(keys=fields.String(), metadata={"description": "Messages by field"})
    request_id = fields.String(required=True)


def guarded(wrapper: F, name: str, *, raises: Sequence[type[MurphError]] = ()) -> F:
    """Mark `wrapper` as protected by the guard `name`, which answers with `raises`."""
    apidoc = dict(getattr(wrapper, "_apidoc", {}))
    apidoc[_GUARD] = {"name": name, "raises": tuple(raises)}
    wrapper._apidoc = apidoc  # type: ignore[attr-defined]
    wrapper.guard_name = name  # type: ignore[attr-defined]
    return wrapper


class _BodyParser(FlaskParser):
    """Reads JSON bodies, and says so when the body is something else instead of taking it as empty."""

    def _raw_load_json(self, req: Request) -> Any:
        if not is_json_request(req) and req.get_data():
            raise UnsupportedMediaType
        return super()._raw_load_json(req)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """Blueprint whose operations list every status they can answer with."""

    ARGUMENTS_PARSER = _BodyParser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(self._prepare_refusals_doc)

    def route(self, *args: Any, **kwargs: Any) -> Callable[[F], F]:
        """Serve the view at a path; flask-smorest's own, typed."""
        decorator: Callable[[F], F] = super().route(*args, **kwargs)
        return decorator

    def arguments(self, *args: Any, **kwargs: Any) -> Callable[[F], F]:
        """Hand the view what a schema reads; flask-smorest's own, typed."""
        decorator: Callable[[F], F] = super().arguments(*args, **kwargs)
        return decorator

    def response(self, *args: Any, **kwargs: Any) -> Callable[[F], F]:
        """Write the view's result through a schema; flask-smorest's own, typed."""
        decorator: Callable[[F], F] = super().response(*args, **kwargs)
        return decorator

    def raises(self, *errors: type[MurphError]) -> Callable[[F], F]:
        """Document the refusals that this operation can answer with."""

        def mark(view: F) -> F:
            apidoc = dict(getattr(view, "_apidoc", {}))
            apidoc[_RAISES] = [*apidoc.get(_RAISES, []), *errors]
            view._apidoc = apidoc  # type: ignore[attr-defined]
            return view

        return mark

    def _prepare_refusals_doc(self, doc: Any, doc_info: Any, **_: Any) -> Any:
        refusals = _automatic_refusals(doc, doc_info)
        for error in doc_info.get(_RAISES, []):
            refusals.setdefault(error.status, []).append(error.code)
        responses = doc.setdefault("responses", {})
        responses.pop("default", None)
        for status, codes in sorted(refusals.items()):
            responses[status] = _refusal_doc(status, codes)
        guard = doc_info.get(_GUARD)
        if guard and guard["name"] != "public":
            doc["security"] = [{"bearer": []}]
        return doc


def _automatic_refusals(doc: Any, doc_info: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {503: []}
    for error in doc_info.get(_GUARD, {}).get("raises", ()):
        found.setdefault(error.status, []).append(error.code)
    if "requestBody" in doc:
        found |= {400: [], 413: [], 415: [], 422: ["validation_failed"]}
    elif doc_info.get("arguments"):
        found[422] = ["validation_failed"]
        if any(p.get("name") == "cursor" for p in doc.get("parameters", [])):
            found[400] = ["bad_cursor"]
    return found


def _refusal_doc(status: int, codes: list[str]) -> dict[str, Any]:
    described = _STATUS_TEXT.get(status, "Refused")
    named = f" (codes: {', '.join(sorted(set(codes)))})" if codes else ""
    return {
        "description": described + named,
        "content": {"application/problem+json": {"schema": Problem}},
    }
