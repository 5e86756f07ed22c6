"""``flask review reports``: what users complain about."""

from typing import Any
from uuid import UUID

import click

from murph.auth.acting import by_option
from murph.core import clock
from murph.core.cli import CommandGroup, json_option, print_json, print_table, reason_option
from murph.core.http.fields import moment_text
from murph.review import service
from murph.review.cli.group import review
from murph.review.models import Review, ReviewReport
from murph.review.queries import reports as queries

_COLUMNS = (
    *("id", "created_at", "reason", "comment", "reporter", "review_id", "rating", "review"),
    *("closed_at", "closed_reason"),
)
_PROSE = ("comment", "review", "closed_reason")


@review.group("reports", cls=CommandGroup)
def reports() -> None:
    """List what users reported about reviews, and close it.

    \b
    Examples:
      flask review reports list
      flask review reports close 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --reason "the review is fair"
    """


@reports.command("list")
@click.option("--all", "with_closed", is_flag=True, help="Those that are closed too.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def list_(with_closed: bool, limit: int, as_json: bool) -> None:
    """List reports that somebody has to look at, those that wait longest first.

    \b
    Example:
      flask review reports list --json
    """
    items = [_listed(*row) for row in queries.oldest(with_closed=with_closed, limit=limit)]
    if as_json:
        print_json({"items": items})
    else:
        print_table(
            _COLUMNS, [[item[column] for column in _COLUMNS] for item in items], of="reports", prose=_PROSE
        )


def _listed(report: ReviewReport, about: Review, reporter: str) -> dict[str, Any]:
    return {
        "id": str(report.id),
        "created_at": moment_text(report.created_at),
        "reason": report.reason,
        "comment": report.comment,
        "reporter": reporter,
        "review_id": str(about.id),
        "rating": about.rating,
        "review": about.comment,
        "closed_at": report.closed_at and moment_text(report.closed_at),
        "closed_reason": report.closed_reason,
    }


@reports.command("close")
@click.argument("report_id", type=click.UUID)
@reason_option
@by_option
def close(report_id: UUID, reason: str, actor_id: UUID | None) -> None:
    """Note that REPORT_ID was looked at; what follows from it is `flask review flag`'s.

    \b
    Example:
      flask review reports close 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --reason "the review is fair"
    """
    service.close_report(report_id=report_id, reason=reason, actor_id=actor_id, at=clock.now())
    click.echo(f"Closed report {report_id}.")
