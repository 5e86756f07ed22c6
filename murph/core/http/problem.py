"""Errors as RFC 9457 problem documents, rendered in this one place."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from murph.core.db import is_connection_loss, is_contention
from murph.core.errors import BadRequest, Busy, MurphError, Unavailable
from murph.core.http.context import request_id

log = structlog.get_logger(__name__)

_CODES = {
    400: ("malformed_request", "The request could not be read. Check its syntax."),
    404: ("not_found", "There is nothing at this address. Check the path and the id."),
    405: ("method_not_allowed", "This address does not take that method. See the Allow header."),
    406: ("not_acceptable", "The answer is JSON. Send an Accept header that allows it."),
    413: ("body_too_large", "The request body is too large. Send less."),
    415: ("unsupported_media_type", "Send the body as JSON with 'Content-Type: application/json'."),
    416: ("range_not_satisfiable", "The file is shorter than that. Ask for one range of bytes inside it."),
    422: ("validation_failed", "Some values are not acceptable. See 'errors' for each field."),
}
_KEPT_HEADERS = ("allow", "content-range", "retry-after")

# A commit whose answer was lost may have been made.
_LOST = "The database is away. Read the object again before you repeat this: it may have been done."


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Mapping[str, Any] | None = None,
    extra: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an ``application/problem+json`` answer (RFC 9457)."""
    body: dict[str, Any] = {
        "type": f"urn:murph:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id(),
        **(extra or {}),
    }
    if errors:
        body["errors"] = errors
    response = Response(json.dumps(body) + "\n", status=status, mimetype="application/problem+json")
    response.headers.update(dict(headers or {}))
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, section 11.6.1
    return response


def render(error: MurphError) -> Response:
    """Render one of our own refusals."""
    headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    return problem_response(
        error.status, error.code, error.detail, errors=error.errors, extra=error.extra, headers=headers
    )


def render_http_exception(error: HTTPException) -> Response:
    """Render what Flask, Werkzeug or the argument parser refused."""
    status = error.code or 500
    if status >= 500:
        return render(MurphError())
    code, detail = _CODES.get(status, ("http_error", error.description or HTTPStatus(status).phrase))
    headers = {k: v for k, v in error.get_headers() if k.lower() in _KEPT_HEADERS}
    return problem_response(status, code, detail, errors=_field_errors(error), headers=headers)


def _field_errors(error: HTTPException) -> dict[str, Any] | None:
    messages = getattr(error, "data", {}).get("messages")
    if not isinstance(messages, dict):
        return None
    merged: dict[str, Any] = {}
    for fields in messages.values():
        merged.update(fields if isinstance(fields, dict) else {"body": fields})
    return merged


def _render_database_error(error: DBAPIError) -> Response:
    if is_contention(error):
        return render(Busy())
    log.exception("database.failed", exc_info=error)
    if is_connection_loss(error):
        return render(Unavailable(_LOST))
    return render(MurphError())


def _render_pool_exhausted(_error: PoolTimeout) -> Response:
    return render(Busy())


def _render_unexpected(error: Exception) -> Response:
    log.exception("request.failed", exc_info=error)
    if current_app.testing:
        raise error
    return render(MurphError())


def init_app(app: Flask) -> None:
    """Make every error of the application a problem document."""
    app.register_error_handler(MurphError, render)
    app.register_error_handler(HTTPException, render_http_exception)
    app.register_error_handler(DBAPIError, _render_database_error)
    app.register_error_handler(PoolTimeout, _render_pool_exhausted)
    app.register_error_handler(UnicodeError, lambda _error: render(BadRequest()))
    app.register_error_handler(Exception, _render_unexpected)
