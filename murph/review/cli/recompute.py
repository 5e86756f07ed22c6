"""``flask review recompute``."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import click
from marshmallow import ValidationError
from rich.console import Console
from rich.progress import Progress

from murph.core import clock
from murph.core.cli import counted, json_option, print_json
from murph.core.http.fields import Moment
from murph.review import service
from murph.review.cli.group import review


class PastMoment(click.ParamType[datetime]):
    """A moment with its zone that is not to come."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read the moment.

        Raises:
            click.BadParameter: it is none, has no zone, or lies in the future.
        """
        try:
            moment: datetime = Moment().deserialize(value)
        except ValidationError as error:
            self.fail(" ".join(map(str, error.messages)), param, ctx)
        if moment > clock.now():
            self.fail("It lies in the future.", param, ctx)
        return moment


@review.command("recompute")
@click.option(
    "--course", "course_id", type=click.UUID, help="Only the reviews and the rating of this course."
)
@click.option("--since", type=PastMoment(), help="Go on with a run that began then and was ended.")
@json_option
def recompute(course_id: UUID | None, since: datetime | None, as_json: bool) -> None:
    """Weigh every review and rate every course anew; exit with 1 when some of that failed.

    Workers do the same bit by bit: within seconds of a change, and once a day. It may run beside them, and
    twice. Ended in the middle, it goes on with --since.

    \b
    Examples:
      flask review recompute
      flask review recompute --course 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --json
      flask review recompute --since 2026-01-31T12:00:00Z
    """
    at = clock.now()
    scope = service.Scope(since or at, course_id)
    begun_at = scope.fresh_since.isoformat().replace("+00:00", "Z")
    click.echo(f"Should this be ended, go on with --since {begun_at}", err=True)
    with Progress(console=Console(stderr=True)) as bars:
        weighed = _shown(bars, "Reviews", scope.count_reviews(), service.weigh_all(scope, at=at))
        courses = scope.count_ratings()
        added_up = _shown(bars, "Sums", courses, service.add_up_all(scope, at=at))
        rated = _shown(bars, "Ratings", courses, service.rate_all(scope, at=at))
    failed = weighed.failed + added_up.failed + rated.failed
    if as_json:
        found = {"reviews": weighed.seen, "changed": weighed.changed, "courses": rated.seen}
        print_json({"ok": not failed, **found, "failed": failed, "since": begun_at})
    else:
        click.echo(f"{counted(weighed.seen, 'review')} weighed, {weighed.changed} of them differently.")
        click.echo(f"{counted(rated.seen, 'course')} rated, {counted(failed, 'failure').lower()}.")
    if failed:
        raise SystemExit(1)


def _shown(bars: Progress, name: str, total: int, pages: Iterator[service.Done]) -> service.Done:
    """Work through the pages, show how far that is, and return what they come to."""
    bar = bars.add_task(name, total=total)
    seen = failed = changed = 0
    for page in pages:
        seen, failed, changed = seen + page.seen, failed + page.failed, changed + page.changed
        bars.advance(bar, page.seen)
    return service.Done(seen, failed, changed)
