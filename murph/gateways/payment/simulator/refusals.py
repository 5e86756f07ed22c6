"""Refusals in the shapes of the gateway: flat, nested, and its framework's own."""

from typing import Any

# code of the server: (status, code) of the documentation
_DOCUMENTED = {
    "missing_api_key": (401, "authentication_required"),
    "invalid_api_key_format": (403, "forbidden"),
    "invalid_api_key": (403, "forbidden"),
    "invalid_settlement_method": (400, "invalid_request"),
    "invalid_request_error": (400, "invalid_card"),
}
_TYPES = {401: "authentication_error", 403: "authentication_error", 429: "rate_limit_error"}
_REASONS = {400: "Bad Request", 404: "Not Found"}
RATE_LIMIT_WAIT_S = 60


class Refused(Exception):
    """A refusal with a code, by the gateway's own rules."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        self.status, self.code, self.message, self.param = status, code, message, param
        super().__init__(message)

    def shown(self, *, documented: bool) -> tuple[dict[str, Any], int]:
        """Return the body and the status."""
        param = {"param": self.param} if self.param else {}
        if not documented:
            kind = "invalid_request_error"  # whatever happened
            body = {"object": "error", "type": kind, "code": self.code, "message": self.message, **param}
            return body, self.status
        status, code = _DOCUMENTED.get(self.code, (self.status, self.code))
        kind = _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
        wait = {"retryAfter": RATE_LIMIT_WAIT_S} if status == 429 else {}
        return {"error": {"code": code, "message": self.message, "type": kind, **param, **wait}}, status


class Malformed(Exception):
    """A refusal by the framework that the gateway is built with, before any rule of its own."""

    def __init__(self, message: str | list[str], status: int = 400) -> None:
        self.message, self.status = message, status
        super().__init__(str(message))

    def shown(self, *, documented: bool) -> tuple[dict[str, Any], int]:
        """Return the body and the status."""
        if documented:
            code = "resource_missing" if self.status == 404 else "invalid_request"
            text = self.message if isinstance(self.message, str) else "; ".join(self.message)
            return Refused(self.status, code, text).shown(documented=True)
        reason = _REASONS[self.status]
        return {"message": self.message, "error": reason, "statusCode": self.status}, self.status


def crash() -> Refused:
    """Return what the server answers when it did not expect something."""
    return Refused(500, "internal_error", "Unexpected error")


def missing(what: str, name: str) -> Refused:
    """Return the refusal for a thing that is not there."""
    return Refused(404, "resource_missing", f"{what} not found: {name}")
