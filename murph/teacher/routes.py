"""The teacher's desk over HTTP: ``/teacher``."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, islice
from typing import Any
from uuid import UUID

from flask import Response, current_app, stream_with_context

from murph.auth import guards
from murph.core import clock
from murph.core.http import Blueprint, cursor_scope, decode_cursor, encode_cursor
from murph.core.http.fields import PageQuery
from murph.core.spreadsheet import csv_lines
from murph.course import queries as course_queries
from murph.course.service import CourseNotFound, NotCourseOwner, VideoNotFound
from murph.teacher import service
from murph.teacher.schemas import (
    DashboardOut,
    DashboardQuery,
    EarningsOut,
    EarningsQuery,
    EntryOut,
    FunnelOut,
    OwnCoursesOut,
    PeriodQuery,
    RetentionOut,
)

blp = Blueprint(
    "teacher",
    __name__,
    url_prefix="/teacher",
    description="What one earns, and how one is watched",
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


@blp.route("/courses", methods=["GET"])
@guards.teacher
@blp.arguments(PageQuery, location="query")
@blp.response(200, OwnCoursesOut)
def courses(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own courses, the newest first, with all they brought so far and how they are watched."""
    teacher_id = guards.current().user_id
    filters = course_queries.Filters(owner_id=teacher_id)
    order, scope = (
        course_queries.order("newest", filters),
        cursor_scope("desk_courses", teacher_id=teacher_id),
    )
    after = decode_cursor(query["cursor"], scope=scope, order=order)
    page = course_queries.page(filters, order=order, limit=query["limit"], after=after)
    return {
        "items": service.own_courses(teacher_id=teacher_id, page=page.items),
        "total": course_queries.count(filters),
        "next_cursor": encode_cursor(page.next_values, scope=scope),
    }


@blp.route("/courses/<uuid:course_id>/videos/<uuid:video_id>/retention", methods=["GET"])
@guards.teacher
@blp.response(200, RetentionOut)
@blp.raises(CourseNotFound, NotCourseOwner, VideoNotFound)
def retention(course_id: UUID, video_id: UUID) -> service.VideoCurve:
    """Return how a video of one's own is watched, in at most 200 bins.

    It counts whoever watched a settled session, free previews too; refunds take nobody out. Where fewer than
    five learners were, or where as few could be reckoned from the rest, is null.
    """
    return service.video_curve(teacher_id=guards.current().user_id, course_id=course_id, video_id=video_id)


@blp.route("/courses/<uuid:course_id>/funnel", methods=["GET"])
@guards.teacher
@blp.response(200, FunnelOut)
@blp.raises(CourseNotFound, NotCourseOwner)
def funnel(course_id: UUID) -> dict[str, Any]:
    """Return how many different learners came how far with one's own course; null is fewer than five."""
    stages = service.funnel(teacher_id=guards.current().user_id, course_id=course_id)
    return {"course_id": course_id, "stages": stages}
