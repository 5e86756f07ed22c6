"""``flask review bonuses``: what teachers got for reviews."""

from typing import Any

import click

from murph.core import money
from murph.core.cli import json_option, print_json, print_table
from murph.core.http.fields import moment_text
from murph.review.cli.group import review
from murph.review.models import KEPT, PAID, REVERSED, BonusGrant
from murph.review.queries import bonuses
from murph.wallet.models import Bonus

_COLUMNS = (
    *("review_id", "paid_at", "course", "teacher", "state", "amount", "currency", "base", "bps"),
    *("rating", "credibility", "fallen_at", "fallen_why"),
)


@review.command("bonuses")
@click.option("--state", type=click.Choice([PAID, REVERSED, KEPT]), help="Only bonuses in this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def list_bonuses(state: str | None, limit: int, as_json: bool) -> None:
    """List the bonuses that teachers got for reviews, the newest first.

    A bonus is `kept` when it ought to be taken back and its teacher had asked for all their money.

    \b
    Examples:
      flask review bonuses --state kept
      flask review bonuses --json
    """
    items = [_listed(*row) for row in bonuses.newest(state=state, limit=limit)]
    if as_json:
        print_json({"items": items})
    else:
        print_table(
            _COLUMNS,
            [[item[column] for column in _COLUMNS] for item in items],
            of="bonuses",
            prose=("course",),
        )


def _listed(grant: BonusGrant, bonus: Bonus, course: str, teacher: str) -> dict[str, Any]:
    return {
        "review_id": str(grant.review_id),
        "paid_at": moment_text(grant.paid_at),
        "course": course,
        "teacher": teacher,
        "state": grant.state,
        "amount": money.to_text(bonus.amount_minor, bonus.currency),
        "currency": bonus.currency,
        "base": money.to_text(bonus.base_minor, bonus.currency),
        "bps": bonus.bps,
        "rating": grant.rating,
        "credibility": grant.credibility,
        "fallen_at": grant.fallen_at and moment_text(grant.fallen_at),
        "fallen_why": grant.fallen_why,
    }
