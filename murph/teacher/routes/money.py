"""What a teacher earned: dashboard, series, table."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, islice
from typing import Any

from flask import Response, current_app, stream_with_context

from murph.auth import guards
from murph.core import clock
from murph.core.spreadsheet import csv_lines
from murph.course.service import CourseNotFound, NotCourseOwner
from murph.teacher import service
from murph.teacher.routes.blueprint import blp
from murph.teacher.schemas import (
    DashboardOut,
    DashboardQuery,
    EarningsOut,
    EarningsQuery,
    EntryOut,
    PeriodQuery,
)

DEFAULT_DAYS = 28


@blp.route("/dashboard", methods=["GET"])
@guards.teacher
@blp.arguments(DashboardQuery, location="query")
@blp.response(200, DashboardOut)
def dashboard(query: dict[str, int]) -> dict[str, Any]:
    """Return how the last days went, today included, beside as many days before them, and how things stand.

    Days are those of UTC. Money is as the ledger has it at this moment.
    """
    found = service.dashboard(
        teacher_id=guards.current().user_id, days=query["period"], today=clock.now().date()
    )
    frame = {"period": query["period"], "currency": current_app.config["CURRENCY"], "money": found}
    return vars(found) | frame


@blp.route("/earnings", methods=["GET"])
@guards.teacher
@blp.arguments(EarningsQuery, location="query")
@blp.response(200, EarningsOut)
@blp.raises(CourseNotFound, NotCourseOwner)
def earnings(query: dict[str, Any]) -> dict[str, Any]:
    """Return what one earned by day, week, month or course, as the ledger has it at this moment.

    Days are those of UTC and weeks begin on Monday; the first and the last period hold only days of the
    period that was asked for, and periods in which nothing happened are there as well.
    """
    by, period = query["by"], _period(query)
    lines = service.series(teacher_id=guards.current().user_id, by=by, **period)
    return {
        "by": by,
        "since": period["since"],
        "until": period["until"],
        "currency": current_app.config["CURRENCY"],
        "items": lines,
        "total": service.total(lines),
    }


_COLUMNS = (
    *("id", "created_at", "type", "change", "currency", "paid_seconds"),
    *("course_id", "course_title", "reference_type", "reference_id"),
)


@blp.route("/earnings.csv", methods=["GET"])
@guards.teacher
@blp.arguments(PeriodQuery, location="query")
@blp.response(200, {"type": "string", "example": f"{','.join(_COLUMNS)}\r\n"}, content_type="text/csv")
@blp.raises(CourseNotFound, NotCourseOwner)
def earnings_csv(query: dict[str, Any]) -> Response:
    """Return every change of what one earned as a table for spreadsheets, times in UTC.

    A line for each entry of the ledger: its `change` is negative where something was given or taken back, and
    the sum over all lines is the net of the same period. Payouts change nothing of what was earned.
    """
    rows = _rows(service.entries(teacher_id=guards.current().user_id, **_period(query)))
    first = list(islice(rows, 1))  # before the answer begins, while it can still become a refusal
    lines = csv_lines(_COLUMNS, chain(first, rows))
    disposition = {"Content-Disposition": 'attachment; filename="earnings.csv"'}
    return Response(stream_with_context(lines), mimetype="text/csv", headers=disposition)


def _rows(entries: Iterator[Any]) -> Iterator[tuple[str, ...]]:
    schema = EntryOut()
    for entry in entries:
        shown = schema.dump(entry)
        yield tuple("" if shown[name] is None else str(shown[name]) for name in _COLUMNS)


def _period(query: dict[str, Any]) -> dict[str, Any]:
    """Return the period that was asked for, up to today where it was left open."""
    until = query["until"] or clock.now().date() + timedelta(days=1)
    since = query["since"] or date.fromordinal(max(1, until.toordinal() - DEFAULT_DAYS))
    return {"since": since, "until": until, "course_id": query["course_id"]}
