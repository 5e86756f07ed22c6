"""``flask session``: look at sessions, end one, sweep."""

from datetime import datetime
from typing import Any
from uuid import UUID

import click
from flask import current_app

from murph.core import clock
from murph.core.cli import CommandGroup, json_option, print_json, print_record, print_table
from murph.session import queries, service
from murph.session.present import Audience, receipt, session_document, summaries
from murph.session.queries import SessionView
from murph.session.rules import Rules
from murph.session.schemas import STATUSES

COLUMNS = (
    "id",
    "status",
    "student",
    "course_title",
    "used_seconds",
    "cost",
    "locked_amount",
    "created_at",
    "end_reason",
)


@click.group(cls=CommandGroup)
def session() -> None:
    """Look at watch sessions, end one, sweep.

    \b
    Examples:
      flask session list --status active
      flask session show 0197a3c2-...
      flask session end 0197a3c2-...
      flask session sweep
    """


@session.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only sessions in this status.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_(status: str | None, limit: int, as_json: bool) -> None:
    """List the newest sessions of everybody.

    \b
    Example:
      flask session list --status ending --json
    """
    found = queries.newest(status=status, limit=limit)
    emails = queries.student_emails([view.session.id for view in found])
    listed = summaries(found, Audience.ADMIN)
    items = [one | {"student": emails[view.session.id]} for view, one in zip(found, listed, strict=True)]
    if as_json:
        print_json({"items": items})
    else:
        print_table(COLUMNS, [[one[name] for name in COLUMNS] for one in items], of="sessions")


@session.command()
@click.argument("session_id", type=click.UUID)
@json_option
def show(session_id: UUID, as_json: bool) -> None:
    """Show one session with its receipt figures.

    \b
    Example:
      flask session show 0197a3c2-7b1e-7c52-9d0f-5a1f0c6a2b11
    """
    found = queries.view(session_id)
    if found is None:
        raise service.SessionNotFound
    documents = session_document(found, Audience.ADMIN) | receipt(found, Audience.ADMIN)
    _print(documents | {"student": queries.student_emails([session_id])[session_id]}, as_json)


@session.command()
@click.argument("session_id", type=click.UUID)
@json_option
def end(session_id: UUID, as_json: bool) -> None:
    """End a session now; a worker settles it.

    \b
    Example:
      flask session end 0197a3c2-7b1e-7c52-9d0f-5a1f0c6a2b11
    """
    ended = service.end(session_id=session_id, reason="admin", rules=_rules(), at=_now())
    _print(receipt(SessionView.of(ended), Audience.ADMIN), as_json)


@session.command()
@json_option
def sweep(as_json: bool) -> None:
    """Look once for silent, paused and never-started sessions, and settle what ended.

    \b
    Example:
      flask session sweep --json
    """
    at = _now()
    _print({"ended": service.sweep(rules=_rules(), at=at), "settled": service.settle_due(at=at)}, as_json)


def _print(document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(document)
    else:
        print_record(document)


def _rules() -> Rules:
    return Rules.from_config(current_app.config)


def _now() -> datetime:
    return clock.now()
