"""``flask teacher``: are the desk's sums what their sources say?"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.progress import Progress, track

from murph.core import clock
from murph.core.cli import CommandGroup, counted, json_option, print_json, print_table
from murph.teacher import service
from murph.teacher.queries import earnings
from murph.teacher.queries import watching as queries

teacher = CommandGroup("teacher", help="The desk's sums: verify them, make them anew.")
_COLUMNS = ("table", "row", "stored", "found")
_STDERR = Console(stderr=True)
_whose = click.option("--teacher", "teacher_id", type=click.UUID, help="Only of the teacher with this id.")


@teacher.command("verify")
@_whose
@json_option
def verify(teacher_id: UUID | None, as_json: bool) -> None:
    """Hold sums, traces and curves against ledger, sessions and slices; exit with 1 when they differ.

    \b
    Examples:
      flask teacher verify
      flask teacher verify --json
    """
    found = [asdict(difference) for difference in _differences(teacher_id)]
    if as_json:
        print_json({"ok": not found, "differences": found})
    elif found:
        print_table(
            _COLUMNS,
            [[each[name] for name in _COLUMNS] for each in found],
            of="differences",
            prose=_COLUMNS[2:],
        )
    if not as_json:
        click.echo(f"{counted(len(found), 'difference')}.")
    if found:
        raise SystemExit(1)


@teacher.command("rebuild")
@_whose
@click.option("--resume", is_flag=True, help="Only go on with what an earlier run left.")
def rebuild(teacher_id: UUID | None, resume: bool) -> None:
    """Make sums, traces and curves anew from ledger, sessions and slices.

    It may be stopped at any time: workers go on with what it left, and so does another run of it.

    \b
    Examples:
      flask teacher rebuild
      flask teacher rebuild --resume
    """
    if not resume:
        for course_id in _progress(queries.courses_with_history(teacher_id), "Courses"):
            service.rebuild_watching(course_id=course_id, at=clock.now())
        for each in _progress(_teachers(teacher_id), "Earnings"):
            service.rebuild_earnings(teacher_id=each)
    service.fold_all()
    with Progress(console=_STDERR, disable=not _STDERR.is_terminal) as progress:
        task = progress.add_task("Learners", total=queries.count_due())
        for newly in service.refresh_batches(at=clock.now()):
            progress.advance(task, newly)
        counted_anew = int(progress.tasks[0].completed)
    click.echo(f"Counted {counted(counted_anew, 'learner')} anew.")


def _progress(items: Any, what: str) -> Iterator[Any]:
    return iter(track(items, description=what, console=_STDERR, disable=not _STDERR.is_terminal))


def _teachers(teacher_id: UUID | None) -> list[UUID]:
    return earnings.teachers() if teacher_id is None else [teacher_id]


def _differences(teacher_id: UUID | None) -> Iterator[service.Difference]:
    for each in _progress(_teachers(teacher_id), "Earnings"):
        yield from service.verify_earnings(teacher_id=each)
    for course_id in _progress(queries.courses_with_history(teacher_id), "Courses"):
        yield from service.verify_watching(course_id=course_id)
