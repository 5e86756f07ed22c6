"""The commands that keep Murph running: ``flask worker``, ``flask clock`` and ``flask doctor``."""

import logging
import sys
from dataclasses import asdict
from functools import partial

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from murph.auth.acting import by
from murph.core import lifeline, metrics, queue
from murph.core.cli import Deed, counted, json_option, maybe_reason, print_json
from murph.core.db import db
from murph.demo.doctor import Finding, Verdict, examine
from murph.gateways import ai


def init_app(app: Flask) -> None:
    """Add the commands to ``flask``, and ask of every deed on the command line whose it is."""
    Deed.asked_of_all = (maybe_reason, by)
    for command in (worker, clock, doctor):
        app.cli.add_command(command)


@click.command()
@click.option("--burst", is_flag=True, help="End as soon as the queues are empty.")
@click.option(
    "--queue", "queues", multiple=True, type=click.Choice(queue.QUEUES), help="Only this one; repeatable."
)
@with_appcontext
def worker(burst: bool, queues: tuple[str, ...]) -> None:
    """Run the jobs of all queues, or of some, until told to stop.

    Where a model can be asked, the queue `chat` alone is served by CHAT_WORKERS processes.

    \b
    Examples:
      flask worker
      flask worker --burst
      flask worker --queue payments
    """
    lifeline.end_forked_children_with_this_process()
    metrics.take_part()
    assistant = ai.assistant()
    if not queues or "chat" in queues:
        # Every job is a fork: one that had to import them anew would spend seconds of the provider's time.
        assistant.load()
    run = partial(queue.work, burst=burst, queues=queues)
    count = current_app.config["CHAT_WORKERS"]
    if queues == ("chat",) and assistant.is_configured and count > 1 and not burst:
        queue.Several(count, run).keep()
    else:
        run()


@click.command()
@with_appcontext
def clock() -> None:
    """Ring every periodic job at its interval until told to stop.

    Any number of clocks may run: a job that was rung twice finds nothing to do.

    \b
    Example:
      flask clock
    """
    metrics.take_part()
    queue.run_clock()


@click.command()
@json_option
@with_appcontext
def doctor(as_json: bool) -> None:
    """Say what is configured, what answers, what is missing and how to mend it.

    The exit code is 1 when something necessary is missing.

    \b
    Examples:
      flask doctor
      flask doctor --json
    """
    logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)  # it tells of every look
    findings = examine(
        config=current_app.config,
        engine=db.engine,
        migrations=current_app.extensions["migrate"].migrate.get_config(),
        queue_answers=queue.is_reachable(),
    )
    ill = any(finding.verdict is Verdict.MISSING for finding in findings)
    if as_json:
        print_json({"healthy": not ill, "findings": [asdict(finding) for finding in findings]})
    else:
        _print(findings)
    sys.exit(int(ill))


def _print(findings: list[Finding]) -> None:
    for finding in findings:
        click.echo(f"{finding.verdict:<8} {finding.name}: {finding.detail}")
        if finding.mend:
            click.echo(f"{'':<8} -> {finding.mend}")
    missing = [finding.name for finding in findings if finding.verdict is Verdict.MISSING]
    need = "needs" if len(missing) == 1 else "need"
    named = f": {', '.join(missing)}" if missing else ""
    click.echo(f"{counted(len(missing), 'finding')} {need} mending{named}.")
