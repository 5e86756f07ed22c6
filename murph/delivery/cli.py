"""``flask media``: uploads, what was made of them, and whether storage holds what rows say.

It stands here because it looks at all of it: assets, captions and what was delivered.
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

import click
from flask import current_app

from murph.core import clock
from murph.core.cli import CommandGroup, counted, json_option, print_json, print_table
from murph.course.service import caption_keys
from murph.delivery import upkeep
from murph.gateways.storage import storage
from murph.media import keys, queries
from murph.media import service as media_service
from murph.media.models import FAILED, STATES, Asset
from murph.media.workshop import Workshop

media = CommandGroup("media", help="Videos: list, process, verify, rekey.")
_COLUMNS = ("id", "file", "MiB", "state", "%", "plays as", "minutes", "problem")


@media.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only assets in this state.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_assets(state: str | None, limit: int, as_json: bool) -> None:
    """List uploads and what became of them, the newest first.

    \b
    Examples:
      flask media list --state failed
      flask media list --json
    """
    found = queries.latest(state=state, limit=limit)
    if as_json:
        print_json({"items": [_document(asset) for asset in found]})
    else:
        print_table(_COLUMNS, [_row(asset) for asset in found], of="uploads", prose=("file", "problem"))


@media.command("process")
@click.argument("asset_ids", type=click.UUID, nargs=-1)
@click.option("--failed", is_flag=True, help="Also try anew everything that failed.")
def process(asset_ids: Sequence[UUID], failed: bool) -> None:
    """Process what waits, here and now; assets that are named are processed anew.

    A video that plays goes on playing until its new revision is there.

    \b
    Examples:
      flask media process
      flask media process 0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11
      flask media process --failed
    """
    again = [*asset_ids, *(asset.id for asset in queries.latest(state=FAILED, limit=1000) if failed)]
    for asset_id in again:
        media_service.process_again(asset_id=asset_id, at=clock.now())
    workshop = Workshop.from_config(current_app.config, storage=storage())
    processed = 0
    while (made_id := workshop.make_next()) is not None:
        processed += 1
        _tell(made_id)
    click.echo(f"{counted(processed, 'video')} processed.")


@media.command("verify")
@json_option
def verify(as_json: bool) -> None:
    """See that every row has its objects, every object its row, and every delivery its sum.

    The exit code is 1 when something is found.

    \b
    Examples:
      flask media verify
      flask media verify --json
    """
    problems = [asdict(each) for each in media_service.findings(storage=storage(), others=caption_keys())]
    sums = [{name: str(value) for name, value in asdict(each).items()} for each in upkeep.wrong_sums()]
    if as_json:
        print_json({"objects": problems, "deliveries": sums})
    else:
        for each in problems:
            click.echo(f"{each['key']} {each['problem']}")
        for each in sums:
            click.echo(f"student {each['student_id']}, video {each['video_id']}: {each['problem']}")
        click.echo(f"{counted(len(problems) + len(sums), 'problem')} found.")
    sys.exit(int(bool(problems or sums)))


@media.command("rekey")
def rekey() -> None:
    """Seal every content key with the present MEDIA_KEY, so that MEDIA_KEY_PREVIOUS can be dropped.

    \b
    Example:
      flask media rekey
    """
    sealed = media_service.rekey(masters=keys.from_config(current_app.config))
    click.echo(f"{counted(sealed, 'key')} sealed anew.")


def _tell(asset_id: UUID) -> None:
    asset = queries.asset(asset_id)
    if asset is not None:
        problem = f": {asset.failure_detail}" if asset.failure_detail else ""
        click.echo(f"{asset.id} {asset.filename}: {asset.state}{problem}")


def _document(asset: Asset) -> dict[str, object]:
    return {
        "id": str(asset.id),
        "owner_id": str(asset.owner_id),
        "filename": asset.filename,
        "size_bytes": asset.size_bytes,
        "state": asset.state,
        "progress_pct": asset.progress_pct,
        "mode": asset.mode,
        "revision": asset.revision,
        "duration_ms": asset.duration_ms,
        "failure": None
        if asset.failure_code is None
        else {"code": asset.failure_code, "detail": asset.failure_detail},
    }


def _row(asset: Asset) -> list[object]:
    return [
        asset.id,
        asset.filename,
        asset.size_bytes >> 20,
        asset.state,
        asset.progress_pct,
        asset.mode or "-",
        "-" if asset.duration_ms is None else asset.duration_ms // 60_000,
        asset.failure_detail or "-",
    ]
