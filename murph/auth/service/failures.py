"""Tries to sign in that failed: counted by their reason, and told with the account that was tried."""

from uuid import UUID

import structlog

from murph.core import metrics

UNKNOWN_EMAIL, WRONG_PASSWORD, SUSPENDED, TOKEN_REUSED = (
    "unknown_email",
    "wrong_password",
    "suspended",
    "token_reused",
)

log = structlog.get_logger(__name__)

_FAILED = metrics.counter(
    "murph_sign_ins_failed_total", "Tries to sign in that failed, by the reason.", "reason"
)


def note(reason: str, *, user_id: UUID | None = None) -> None:
    """Count and log a failed try; an account that there is not has no id, and its e-mail is never told."""
    _FAILED.labels(reason).inc()
    tried = {"user_id": str(user_id)} if user_id else {}
    log.warning("auth.sign_in_failed", reason=reason, **tried)
