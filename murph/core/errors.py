"""Errors that become answers: each carries an HTTP status and a stable code."""

from collections.abc import Mapping, Sequence


class MurphError(Exception):
    """A refusal that a caller can act on; rendered as RFC 9457 in one place."""

    status = 500
    code = "internal_error"
    detail = "Something went wrong on our side. Try again, and quote the request id if it persists."

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Mapping[str, Sequence[str]] | None = None,
        extra: Mapping[str, object] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        self.detail = detail or self.detail
        self.errors = errors
        self.extra = extra or {}
        self.retry_after_s = retry_after_s
        super().__init__(self.detail)


class BadRequest(MurphError):
    """The request cannot be understood at all."""

    status = 400
    code = "malformed_request"
    detail = "The request could not be read. Check its syntax."


class Unauthenticated(MurphError):
    """Nobody, or nobody we can trust, is asking."""

    status = 401
    code = "authentication_required"
    detail = "Sign in and send the access token as 'Authorization: Bearer <token>'."


class Forbidden(MurphError):
    """The caller is known and may not do this."""

    status = 403
    code = "forbidden"
    detail = "This account is not allowed to do that."


class NotFound(MurphError):
    """There is no such thing, or it is not the caller's to see."""

    status = 404
    code = "not_found"
    detail = "There is nothing here. Check the address and the id."


class Conflict(MurphError):
    """The request is sound but does not fit the present state."""

    status = 409
    code = "conflict"
    detail = "The request does not fit the present state. Read the object again and decide anew."


class Unprocessable(MurphError):
    """The request is well formed and its values are not acceptable."""

    status = 422
    code = "validation_failed"
    detail = "Some values are not acceptable. See 'errors' for each field."


class Unavailable(MurphError):
    """We cannot answer now; the same request may succeed later."""

    status = 503
    code = "unavailable"
    detail = "The service is busy. Nothing was changed; try again shortly."

    def __init__(self, detail: str | None = None, *, retry_after_s: int = 2) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)


class Busy(Unavailable):
    """Too many others want the same rows; nothing was written."""

    code = "contention"


def invalid_field(field: str, message: str) -> Unprocessable:
    """Return the 422 that names one field."""
    return Unprocessable(errors={field: [message]})
