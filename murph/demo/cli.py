"""``flask demo``: fill an empty Murph with a world to look at, and watch a course in it."""

import click
from flask import current_app

from murph.core import clock
from murph.core.cli import CommandGroup, json_option, print_json, print_table
from murph.core.log import only_warnings
from murph.demo import seed as world
from murph.demo.watch.api import Api, WatchError
from murph.demo.watch.screen import Screen
from murph.demo.watch.story import NO_SANDBOX, Story
from murph.gateways import payment
from murph.gateways.payment.port import SANDBOX

demo = CommandGroup("demo", help="The demo: seed its world, watch a course in it.")
INTERRUPTED = 130


@demo.command("seed")
@click.option("--force", is_flag=True, help="Seed a production deployment too.")
@json_option
def seed(force: bool, as_json: bool) -> None:
    """Add what is missing of the demo world: accounts, courses, the narrated lecture, test money.

    What is there stays as it is, so this may run at every start.

    \b
    Examples:
      flask demo seed
      flask demo seed --json
    """
    with only_warnings():  # of the made-up past of a made-up world
        seeded = world.seed(config=current_app.config, force=force, at=clock.now())
    if as_json:
        print_json(seeded.document())
        return
    columns = ("email", "password", "role", "note")
    print_table(
        columns,
        [[getattr(account, column) for column in columns] for account in world.ACCOUNTS],
        of="accounts",
    )
    click.echo(f"{seeded.courses_added} courses added; the demo has {seeded.courses}.\n")
    click.echo(world.attribution())


@demo.command("watch")
@click.option("--url", help="The running server.  [default: PUBLIC_URL]")
@click.option("--seconds", type=click.FloatRange(4, 300), default=24, show_default=True, help="How long.")
@click.option("--email", default=world.ADA.email, show_default=True, help="Who watches.")
@click.option("--password", default=world.ADA.password, help="Their password.  [default: the demo's]")
@click.option("--plain", is_flag=True, help="Print lines instead of a panel; so is it without a terminal.")
def watch(url: str | None, seconds: float, email: str, password: str, plain: bool) -> None:
    """Watch a course on a running server and pay for it by the second.

    Tops up, starts a session, plays over the WebSocket with a pause and a lost connection, prints
    the receipt and verifies the ledger. The exit code is 0 only if everything agreed.

    \b
    Examples:
      flask demo watch
      flask demo watch --seconds 60 --plain
    """
    _require_sandbox()
    screen = Screen(plain=plain)
    try:
        with Api(url or current_app.config["PUBLIC_URL"]) as api:
            agreed = Story(api, screen, seconds).play(email=email, password=password)
    except WatchError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    screen.heading("Everything agreed." if agreed else "Something did NOT agree; see above.")
    if not agreed:
        raise SystemExit(1)


def _require_sandbox() -> None:
    """Refuse before anything is asked of a gateway on whose page the demo cannot pay."""
    if payment.gateway().name != SANDBOX:
        raise click.ClickException(NO_SANDBOX)
