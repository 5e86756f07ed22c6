"""``flask wallet refund``."""

from uuid import UUID

import click

from murph.auth.acting import by_option
from murph.core import clock, money
from murph.core.cli import Line, reason_option
from murph.wallet import service
from murph.wallet.cli.group import Amount, wallet


@wallet.command("refund")
@click.option("--session", "session_id", required=True, type=click.UUID, help="Which session's payment.")
@click.option("--amount", "amount_minor", type=Amount(), help="How much, e.g. 1.50.")
@click.option("--all", "everything", is_flag=True, help="All that is left of the payment.")
@reason_option
@click.option(
    "--ticket", "--key", required=True, type=Line(64), help="The ticket that asks for it; done once."
)
@click.option("--platform-pays", is_flag=True, help="What the teacher no longer has, platform:bonus pays.")
@by_option
def refund(
    session_id: UUID,
    amount_minor: int | None,
    everything: bool,
    reason: str,
    ticket: str,
    platform_pays: bool,
    actor_id: UUID | None,
) -> None:
    """Give a part or all of what a session cost back to its student.

    Teacher and platform give it in the proportion in which they were paid. The same once more with its
    ticket gives nothing more; anything else with it is refused.

    \b
    Examples:
      flask wallet refund --session 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --amount 1.50 --reason "no sound" \\
        --ticket T-17
      flask wallet refund --session 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --all --reason "no sound" \\
        --ticket T-18 --platform-pays
    """
    if everything == (amount_minor is not None):
        raise click.UsageError("Say how much: either --amount or --all.")
    given = service.refund(
        purpose="session",
        ref=str(session_id),
        amount_minor=amount_minor,
        reason=reason,
        at=clock.now(),
        ticket=ticket,
        platform_pays=platform_pays,
        actor_id=actor_id,
    )
    made = given.refund
    parts = (made.amount_minor, made.teacher_minor, made.fee_minor, made.bonus_minor)
    amount, teacher, fee, bonus = (money.to_text(minor, made.currency) for minor in parts)
    what = "Refund" if given.is_new else "Nothing new: the earlier refund"
    click.echo(
        f"{what} {made.id}: {amount} {made.currency} given back, "
        f"{teacher} by the teacher, {fee} from platform:fee, {bonus} from platform:bonus."
    )
