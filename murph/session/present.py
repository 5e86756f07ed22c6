"""Sessions and receipts as plain documents, with what each reader may see."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto
from typing import Any
from uuid import UUID

from flask import current_app

from murph.auth.models import ADMIN
from murph.auth.queries import Principal
from murph.core import clock
from murph.core.http import bind_session_id
from murph.core.http.fields import moment_text
from murph.core.money import to_text
from murph.course import service as course
from murph.metering.cost import cost_minor
from murph.session import queries
from murph.session.models import LIVE, WatchSession
from murph.session.progress import Progress, covered_pct
from murph.session.queries import SessionView, Slice
from murph.session.service import SessionNotFound
from murph.wallet import service as wallet
from murph.wallet.models import Refund


class Audience(Enum):
    """Who reads: the student of the session, its teacher, or an admin."""

    STUDENT = auto()
    TEACHER = auto()
    ADMIN = auto()


# What a student's funds and habits are is not the teacher's business; what was paid to whom is.
_STUDENT_ONLY = (
    "locked_amount",
    "refunded",
    "seconds_affordable",
    "seconds_left",
    "ws_url",
    "intervals",
    "slices",
    "content_progress",
)
_PAYEE_ONLY = ("teacher_paid", "fee")
_ADMIN_ONLY = ("flagged",)


def readable(
    session_id: UUID, caller: Principal, *, with_refunds: bool = False
) -> tuple[SessionView, Audience]:
    """Return a session that the caller may read, and as whom.

    Raises:
        SessionNotFound: no such session, or not one the caller takes part in.
    """
    bind_session_id(session_id)
    found = (queries.view_with_refunds if with_refunds else queries.view)(session_id)
    if found is None:
        raise SessionNotFound
    if found.session.student_id == caller.user_id:
        return found, Audience.STUDENT
    if found.session.teacher_id == caller.user_id:
        return found, Audience.TEACHER
    if caller.user_type == ADMIN:
        return found, Audience.ADMIN
    raise SessionNotFound


def session_document(
    found: SessionView, audience: Audience, progress: Progress | None = None
) -> dict[str, Any]:
    """Return one session with its progress, which is read unless the caller knows it."""
    progress = progress or _progress_of(found.session, _runs(found))
    return _visible(summary(found, audience) | _progress_fields(progress), audience)


def _runs(found: SessionView) -> queries.Runs:
    session = found.session
    if session.status in LIVE and not found.metered_ms:
        return {}  # what is watched is stored together with the time that it took
    return queries.watched_runs([session.id])[session.id]


def summary(found: SessionView, audience: Audience) -> dict[str, Any]:
    """Return one session without what needs its evidence."""
    session = found.session
    cost = _cost_minor(found)
    document = {
        "id": str(session.id),
        "course_id": str(session.course_id),
        "course_title": found.course_title,
        "teacher_name": found.teacher_name,
        "status": session.status,
        "price_per_minute": to_text(session.price_per_minute_minor, session.currency),
        "locked_amount": to_text(session.locked_minor, session.currency),
        "currency": session.currency,
        "used_seconds": found.used_ms // 1000,
        "cost": to_text(cost, session.currency),
        "refunded": to_text(_refunded_minor(session), session.currency),
        "teacher_paid": to_text(session.teacher_minor, session.currency),
        "fee": to_text(session.fee_minor, session.currency),
        "seconds_affordable": found.affordable_ms // 1000,
        "seconds_left": (found.affordable_ms - found.used_ms) // 1000 if session.status in LIVE else 0,
        "ws_url": socket_url(session.id),
        "created_at": written(session.created_at),
        "started_at": written(session.started_at),
        "ended_at": written(session.ended_at),
        "end_reason": session.end_reason,
        "settled_at": written(session.settled_at),
        "flagged": session.is_flagged,
    }
    return _visible(document, audience)


def summaries(found: Sequence[SessionView], audience: Audience) -> list[dict[str, Any]]:
    """Return sessions for a list, each with its completion."""
    runs = queries.watched_runs([one.session.id for one in found])
    lengths_ms = queries.course_lengths_ms({one.session.course_id for one in found})
    return [
        summary(one, audience)
        | {"completion_pct": covered_pct(runs[one.session.id], lengths_ms.get(one.session.course_id, 0))}
        for one in found
    ]


def receipt(found: SessionView, audience: Audience) -> dict[str, Any]:
    """Return what was watched, what it cost and where the money went."""
    return receipt_of(found, queries.slices(found.session.id), audience)


def receipt_of(found: SessionView, slices: Sequence[Slice], audience: Audience) -> dict[str, Any]:
    """Return the receipt of a session with this evidence."""
    session_id = found.session.id
    document = summary(found, audience)
    for name in ("id", "seconds_affordable", "seconds_left", "ws_url", "created_at"):
        document.pop(name, None)
    refunds = _refunds(found) if found.refunds is None else found.refunds
    posted_for = {"session": [str(session_id)], "refund": [str(refund.id) for refund in refunds]}
    return _visible(
        document
        | {
            "session_id": str(session_id),
            "intervals": _progress_of(found.session, queries.runs_of(slices)).intervals,
            "slices": [_slice_document(piece, found.session.currency) for piece in slices],
            "refunds": [_refund_document(refund, audience) for refund in refunds],
            "journal_ids": [str(journal_id) for journal_id in wallet.journal_ids(posted_for)],
            "issued_at": written(clock.now()),
        },
        audience,
    )


def _slice_document(piece: Slice, currency: str) -> dict[str, Any]:
    cost = to_text(piece.cost_minor, currency)
    return {"used_ms": piece.used_ms, "cost": cost, "recorded_at": written(piece.created_at)}


def _refunds(found: SessionView) -> Sequence[Refund]:
    if found.session.status != "completed":
        return []  # nothing can be given back before it was paid
    return wallet.refunds(purpose="session", ref=str(found.session.id))


def _refund_document(refund: Refund, audience: Audience) -> dict[str, Any]:
    document = {
        "id": str(refund.id),
        "amount": to_text(refund.amount_minor, refund.currency),
        "teacher_paid": to_text(refund.teacher_minor, refund.currency),
        "fee": to_text(refund.fee_minor, refund.currency),
        "created_at": written(refund.created_at),
    }
    return _visible(document, audience)


def socket_url(session_id: UUID) -> str:
    """Return the address of a session's WebSocket."""
    base = str(current_app.config["PUBLIC_URL"])
    return f"ws{base.removeprefix('http')}/ws/session/{session_id}"


def written(moment: datetime | None) -> str | None:
    """Return a moment as the API writes it."""
    return None if moment is None else moment_text(moment)


def _visible(document: dict[str, Any], audience: Audience) -> dict[str, Any]:
    hidden: tuple[str, ...] = ()
    if audience is Audience.STUDENT:
        hidden = _PAYEE_ONLY + _ADMIN_ONLY
    elif audience is Audience.TEACHER:
        hidden = _STUDENT_ONLY + _ADMIN_ONLY
    return {name: value for name, value in document.items() if name not in hidden}


def _progress_of(session: WatchSession, runs: queries.Runs) -> Progress:
    return Progress(runs, course.get_timeline(course_id=session.course_id))


def _progress_fields(found: Progress) -> dict[str, Any]:
    return {"completion_pct": found.completion_pct, "content_progress": found.lectures}


def _cost_minor(found: SessionView) -> int:
    session = found.session
    if session.status not in LIVE:
        return session.cost_minor
    return cost_minor(used_ms=found.used_ms, price_per_minute_minor=session.price_per_minute_minor)


def _refunded_minor(session: WatchSession) -> int:
    return 0 if session.status in LIVE else session.locked_minor - session.cost_minor
