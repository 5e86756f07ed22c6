"""``flask demo``: fill an empty Murph with a world to look at, and watch a course in it."""

import click
from flask import current_app

from murph.core import clock
from murph.core.cli import CommandGroup, json_option, print_json, print_table
from murph.demo import seed as world

demo = CommandGroup("demo", help="The demo: seed its world, watch a course in it.")


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
    seeded = world.seed(config=current_app.config, force=force, at=clock.now())
    if as_json:
        print_json(seeded.document())
        return
    columns = ("email", "password", "role", "note")
    print_table(columns, [[getattr(account, column) for column in columns] for account in world.ACCOUNTS])
    click.echo(f"{seeded.courses_added} courses added; the demo has {seeded.courses}.\n")
    click.echo(world.attribution())
