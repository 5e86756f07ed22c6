"""``flask review list|signals|flag|clear``: signs of fraud, and what administrators make of them."""

import sys
from typing import Any
from uuid import UUID

import click

from murph.auth.acting import by_option
from murph.core import clock
from murph.core.cli import Line, counted, json_option, print_json, print_table, reason_option
from murph.core.http.fields import moment_text
from murph.review import service
from murph.review.cli.group import review
from murph.review.fraud import CLEARABLE, is_flagged
from murph.review.models import Review, ReviewSignal
from murph.review.queries import reports, signals

_LISTED = (
    *("id", "created_at", "course", "student", "rating", "credibility", "multiplier", "flagged"),
    "comment",
)
_SIGNALS = (
    *("kind", "multiplier", "reason", "facts", "noted_at", "noted_by"),
    *("cleared_at", "cleared_by", "cleared_reason"),
)
_PROSE = ("comment", "course", "reason", "facts", "cleared_reason")


@review.command("list")
@click.option("--flagged", is_flag=True, help="Only those that bring no bonus for signs of fraud.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def list_(flagged: bool, limit: int, as_json: bool) -> None:
    """List reviews, the newest first, with what is left of their weight.

    \b
    Examples:
      flask review list --flagged
      flask review list --limit 1000 --json
    """
    items = [_listed(*row) for row in reports.newest_reviews(flagged_only=flagged, limit=limit)]
    if as_json:
        print_json({"items": items})
    else:
        print_table(
            _LISTED, [[item[column] for column in _LISTED] for item in items], of="reviews", prose=_PROSE
        )


def _listed(found: Review, course: str, student: str) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "created_at": moment_text(found.created_at),
        "course": course,
        "student": student,
        "rating": found.rating,
        "credibility": found.credibility,
        "multiplier": found.multiplier,
        "flagged": is_flagged(found.multiplier),
        "comment": found.comment,
    }


@review.command("signals")
@click.argument("review_id", type=click.UUID)
@json_option
def list_signals(review_id: UUID, as_json: bool) -> None:
    """List the signs of fraud in REVIEW_ID, why each was raised, and who cleared it and why.

    \b
    Example:
      flask review signals 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --json
    """
    items = [_signal(*row) for row in reports.signals_of(review_id)]
    if not items and not reports.is_known(review_id):
        raise service.ReviewNotFound
    if as_json:
        print_json({"items": items})
    else:
        print_table(
            _SIGNALS, [[item[column] for column in _SIGNALS] for item in items], of="signs", prose=_PROSE
        )


def _signal(found: ReviewSignal, noted_by: str | None, cleared_by: str | None) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "multiplier": found.multiplier,
        "reason": found.reason,
        "facts": found.facts,
        "noted_at": moment_text(found.noted_at),
        "noted_by": noted_by,
        "cleared_at": found.cleared_at and moment_text(found.cleared_at),
        "cleared_by": cleared_by,
        "cleared_reason": found.cleared_reason,
    }


@review.command("flag")
@click.argument("review_id", type=click.UUID, required=False)
@click.option("--scan", is_flag=True, help="Look for signs of fraud in all reviews instead.")
@click.option("--reason", type=Line(500), help="Why; it is kept.")
@by_option
def flag(review_id: UUID | None, scan: bool, reason: str | None, actor_id: UUID | None) -> None:
    """Take all weight from REVIEW_ID and its bonus back, or look for signs of fraud in all reviews.

    What its author said about the course before and says later is flagged with it, deleted or not.
    A scan may be broken off and begun again: what it found is kept.

    \b
    Examples:
      flask review flag 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --reason "sold on a forum" --by root@example.org
      flask review flag --scan
    """
    if scan == (review_id is not None):
        raise click.UsageError("Name either one review or --scan.")
    if review_id is None:
        _scan()
        return
    if reason is None:
        raise click.UsageError("Say why: --reason.")
    service.flag(review_id=review_id, reason=reason, actor_id=actor_id, at=clock.now())
    click.echo(f"Review {review_id} counts no more.")


def _scan() -> None:
    at, changed, teachers = clock.now(), 0, signals.teachers()
    with click.progressbar(length=len(teachers), label="Teachers", file=sys.stderr) as bar:
        for teacher_id in teachers:
            changed += service.scan_teacher(teacher_id=teacher_id, at=at)
            bar.update(1)
    click.echo(f"{counted(changed, 'review')} weigh another than before.")


@review.command("clear")
@click.argument("review_id", type=click.UUID)
@click.argument("kind", type=click.Choice(CLEARABLE))
@reason_option
@by_option
def clear(review_id: UUID, kind: str, reason: str, actor_id: UUID | None) -> None:
    """Say that the sign KIND means nothing in REVIEW_ID: it counts no more, and is not raised again.

    A bonus that was taken back is not paid again. Your flag, the sign admin, is cleared in all that the
    author said about the course.

    \b
    Example:
      flask review clear 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 same_address --reason "same university"
    """
    left = service.clear(review_id=review_id, kind=kind, reason=reason, actor_id=actor_id, at=clock.now())
    click.echo(f"Cleared {kind} of review {review_id}: {left.multiplier:g} of its weight is left.")
