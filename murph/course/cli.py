"""``flask course``: courses, for administrators."""

from uuid import UUID

import click

from murph.core import clock, money
from murph.core.cli import CommandGroup, json_option, print_json, print_table
from murph.course import queries, service
from murph.course.models import STATES, Course
from murph.course.schemas import CourseSummaryOut

course = CommandGroup("course", help="Courses: list, archive.")
_COLUMNS = ("id", "title", "teacher", "price/min", "minutes", "state", "watchers")


@course.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only courses in this state.")
@click.option("--teacher", "teacher_id", type=click.UUID, help="Only courses of this account.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_courses(state: str | None, teacher_id: UUID | None, limit: int, as_json: bool) -> None:
    """List courses, the newest first.

    \b
    Examples:
      flask course list --state published
      flask course list --json --limit 1000
    """
    found = queries.latest(state=state, teacher_id=teacher_id, limit=limit)
    if as_json:
        print_json({"items": CourseSummaryOut(many=True).dump(found)})
    else:
        print_table(_COLUMNS, [_row(entry) for entry in found], of="courses", prose=("title", "teacher"))


@course.command("archive")
@click.argument("course_id", type=click.UUID)
def archive(course_id: UUID) -> None:
    """Take a course off the market for good; sessions that are being watched go on.

    \b
    Example:
      flask course archive 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11
    """
    service.archive(course_id=course_id, at=clock.now())
    click.echo(f"Archived {course_id}.")


def _row(entry: Course) -> list[object]:
    price = entry.price_per_minute_minor
    return [
        entry.id,
        entry.title,
        entry.teacher_name,
        "-" if price is None else f"{money.to_text(price, entry.currency)} {entry.currency}",
        entry.total_duration_ms // 60_000,
        entry.state,
        entry.watchers_count,
    ]
