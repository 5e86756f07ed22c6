"""``flask review remove``: take an abusive review down."""

from uuid import UUID

import click

from murph.auth.acting import by_option
from murph.core import clock
from murph.core.cli import counted, reason_option
from murph.review import service
from murph.review.cli.group import review


@review.command("remove")
@click.argument("review_id", type=click.UUID)
@reason_option
@by_option
def remove(review_id: UUID, reason: str, actor_id: UUID | None) -> None:
    """Delete REVIEW_ID for its author, however old it is, and close what was reported about it.

    Its bonus is taken back; the reason stands in `flask review signals`. This cannot be undone.

    \b
    Example:
      flask review remove 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --reason "an insult" --by root@example.org
    """
    closed = service.remove(review_id=review_id, reason=reason, actor_id=actor_id, at=clock.now())
    click.echo(f"Removed review {review_id}; {counted(closed, 'report')} closed with it.")
