"""``flask backup``: copy everything while it runs, see that a copy is good, begin again from one."""

from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from alembic.script import ScriptDirectory
from flask import Flask, current_app

from murph.app import verify as verdict
from murph.app.backup import making, manifest, objects
from murph.app.backup.figures import MADE
from murph.app.backup.manifest import Manifest
from murph.core import audit, clock
from murph.core.checks import Violation
from murph.core.cli import CommandGroup, json_option, print_json
from murph.core.db import db, engine
from murph.gateways.storage import Folder, storage

backup = CommandGroup("backup", help="Backups: create, verify, restore.")
_FOLDER = click.Path(path_type=Path, file_okay=False)


@backup.command("create")
@click.argument("into", type=_FOLDER)
@click.option(
    "--files",
    type=click.Choice(["copy", "list"]),
    help="Copy stored files too, or only list them.  [default: copy from a folder, list a bucket]",
)
@json_option
def create(into: Path, files: str | None, as_json: bool) -> None:
    """Make a backup in a new folder within INTO, while everything runs.

    Keep MEDIA_KEY and the other secrets apart from it: without MEDIA_KEY no packaged video plays.

    \b
    Examples:
      flask backup create /var/backups/murph
      flask backup create /var/backups/murph --files list --json
    """
    with_copies = isinstance(storage(), Folder) if files is None else files == "copy"
    at = clock.now()
    made = making.create(into, config=current_app.config, storage=storage(), with_copies=with_copies, at=at)
    found = manifest.read(made)
    audit.note(MADE, at=at, details={"folder": str(made)})
    if as_json:
        print_json({"folder": str(made), **asdict(found)})
        return
    kept = "copied" if found.has_objects else "listed and not copied: copy them with the bucket's own tools"
    click.echo(f"Wrote {made}: {found.server} at {found.revision}, {sum(found.after.rows.values())} rows.")
    click.echo(f"{found.objects} stored files of {found.objects_bytes} bytes, {kept}.")
    click.echo("Keep MEDIA_KEY apart from it: without that key no packaged video plays.")


@backup.command("verify")
@click.argument("folder", type=_FOLDER)
@click.option("--scratch", metavar="URL", help="Restore into this empty database and verify the books there.")
@json_option
def verify(folder: Path, scratch: str | None, as_json: bool) -> None:
    """Compare the backup in FOLDER with its digests; with --scratch also restore it and verify the books.

    The exit code is 1 when something is wrong. What is in the scratch database afterwards is yours to drop.

    \b
    Examples:
      flask backup verify /var/backups/murph/murph-20260131T020000Z-1f0a
      flask backup verify /var/backups/murph/murph-20260131T020000Z-1f0a --scratch sqlite:////tmp/scratch.sqlite3
    """
    found = making.examine(folder)
    complaints: list[str] = []
    if scratch:
        making.restore_database(folder, found, scratch, known=_known_revisions())
        complaints += making.differences(found, scratch)
        complaints += [f"{broken.invariant}: {broken.message}: {broken.row}" for broken in _broken(scratch)]
    if as_json:
        print_json({"ok": not complaints, "restored": bool(scratch), "complaints": complaints})
    else:
        click.echo("\n".join(complaints) or _all_is_well(found, scratch))
    if complaints:
        raise SystemExit(1)


@backup.command("restore", cls=click.Command)  # there is no audit log yet in which a deed could be written
@click.argument("folder", type=_FOLDER)
@click.option("--without-files", is_flag=True, help="Leave stored files alone.")
def restore(folder: Path, without_files: bool) -> None:
    """Fill the empty database of DATABASE_URL, and the storage, from the backup in FOLDER.

    \b
    Example:
      flask backup restore /var/backups/murph/murph-20260131T020000Z-1f0a
    """
    found = making.examine(folder)
    url = current_app.config["DATABASE_URL"]
    making.restore_database(folder, found, url, known=_known_revisions())
    db.engine.dispose()
    if found.revision in _scripts().get_heads():
        audit.note("cli.backup.restore", at=clock.now(), details={"folder": str(folder)})
    click.echo(f"Restored the database as it was at {found.created_at}, at {found.revision}.")
    if not without_files and found.has_objects:
        click.echo(f"Put back {objects.put_back(folder, storage())} of {found.objects} stored files.")
    elif not found.has_objects:
        click.echo(f"The {found.objects} stored files are not in this backup: restore {found.storage} apart.")
    if found.media_key != manifest.mark_of_media_key(current_app.config):
        click.echo("MEDIA_KEY is not the one of the backup: with this one no packaged video plays.", err=True)
    click.echo("Now: flask db upgrade, flask doctor, flask ledger verify, flask media verify.")


def _all_is_well(found: Manifest, scratch: str | None) -> str:
    whole = f"Every file is as it was written at {found.created_at}."
    return f"{whole} Restored, all rows are there and all invariants hold." if scratch else whole


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())


def _known_revisions() -> Collection[str]:
    return {script.revision for script in _scripts().walk_revisions()}


def _broken(url: str) -> list[Violation]:
    """Run every check of the books on another database than the application's."""
    other = Flask("murph-scratch")
    settings: dict[str, Any] = {**current_app.config, "DATABASE_URL": url}
    other.config.from_mapping(settings)
    engine.init_app(other)
    with other.app_context():
        found = [broken for finding in verdict.findings(None) for broken in finding.violations]
        db.session.remove()
        db.engine.dispose()
    return found
