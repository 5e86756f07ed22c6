"""``flask wallet simulator``."""

from typing import Any

import click
from flask import current_app

from murph.gateways.payment.simulator import command
from murph.wallet.cli.group import wallet


@wallet.command("simulator", params=command.simulator.params, help=command.simulator.help)
@click.pass_context
def simulator(ctx: click.Context, /, webhook_url: str, **options: Any) -> None:
    """Run the simulator, which tells the Murph of these settings what happened."""
    if ctx.get_parameter_source("webhook_url") is click.core.ParameterSource.DEFAULT:
        webhook_url = current_app.config["PUBLIC_URL"] + command.WEBHOOK_PATH
    ctx.invoke(command.simulator, webhook_url=webhook_url, **options)
