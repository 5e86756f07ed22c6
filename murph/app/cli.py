"""The commands that keep Murph running: ``flask worker``, ``flask clock`` and ``flask doctor``."""

import click
from flask import Flask
from flask.cli import with_appcontext

from murph.core import lifeline, queue


def init_app(app: Flask) -> None:
    """Add the commands to ``flask``."""
    for command in (worker, clock):
        app.cli.add_command(command)


@click.command()
@click.option("--burst", is_flag=True, help="End as soon as the queues are empty.")
@with_appcontext
def worker(burst: bool) -> None:
    """Run the jobs of all queues until told to stop.

    \b
    Examples:
      flask worker
      flask worker --burst
    """
    lifeline.end_forked_children_with_this_process()
    queue.work(burst=burst)


@click.command()
@with_appcontext
def clock() -> None:
    """Ring every periodic job at its interval until told to stop.

    Any number of clocks may run: a job that was rung twice finds nothing to do.

    \b
    Example:
      flask clock
    """
    queue.run_clock()
