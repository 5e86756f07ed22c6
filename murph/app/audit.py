"""``flask audit``: who did what."""

from datetime import UTC, datetime
from typing import Any

import click

from murph.core import audit as deeds
from murph.core.cli import CommandGroup, json_option, print_json, print_table
from murph.core.http.fields import moment_text

audit = CommandGroup("audit", help="The audit log: who did what.")
_COLUMNS = ("created_at", "action", "object_id", "actor_id", "origin", "request_id", "reason", "details")


@audit.command("list")
@click.option("--object", "object_id", help="Only what was done to the object with this id.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]), help="Only since then (UTC)."
)
@click.option("--action", help="Only actions that begin so, e.g. cli.user.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def list_(
    object_id: str | None, since: datetime | None, action: str | None, limit: int, as_json: bool
) -> None:
    """List what administrators and operators did, and changes of prices and accounts, the newest first.

    Money has its journal: `flask ledger statement`.

    \b
    Examples:
      flask audit list --since 2026-01-31
      flask audit list --object 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11 --json
    """
    from_then = since.replace(tzinfo=UTC) if since else None
    found = deeds.list_entries(object_id=object_id, since=from_then, action=action, limit=limit)
    items = [_listed(entry) for entry in found]
    if as_json:
        print_json({"items": items})
    else:
        rows = [[item[column] for column in _COLUMNS] for item in items]
        print_table(_COLUMNS, rows, of="entries", prose=("reason", "details"))


def _listed(entry: deeds.AuditEntry) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "created_at": moment_text(entry.created_at),
        "action": entry.action,
        "object_id": entry.object_id,
        "actor_id": entry.actor_id and str(entry.actor_id),
        "origin": entry.origin,
        "request_id": entry.request_id,
        "reason": entry.reason,
        "details": entry.details,
    }
