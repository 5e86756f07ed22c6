"""The command that starts the simulator, also known as ``flask wallet simulator``."""

import os

import click

OBSERVED, DOCUMENTED = "observed", "documented"
DEFAULT_KEY = "sk_test_0123456789abcdef0123456789abcdef"
DEFAULT_SECRET = "whsec_of_the_simulator"  # noqa: S105
WEBHOOK_PATH = "/api/v1/payments/webhooks/finternet"
DEFAULT_WEBHOOK_URL = f"http://127.0.0.1:8000{WEBHOOK_PATH}"
RETRIES_S = "60,300,1800,7200,21600"


@click.command("simulator")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9100, show_default=True, help="0 takes a free one."
)
@click.option("--profile", type=click.Choice([OBSERVED, DOCUMENTED]), default=OBSERVED, show_default=True)
@click.option(
    "--key", "keys", multiple=True, default=[DEFAULT_KEY], help="A merchant's key; may be given twice."
)
@click.option("--inactive-key", "inactive_keys", multiple=True, help="The key of a merchant who was closed.")
@click.option("--settle-delay", default=10.0, show_default=True, help="Seconds from released to settled.")
@click.option("--confirm-delay", default=0.1, show_default=True, help="Seconds until a transaction counts.")
@click.option(
    "--webhook-url", default=DEFAULT_WEBHOOK_URL, show_default="at PUBLIC_URL", help="'' sends none."
)
@click.option("--webhook-secret", default=DEFAULT_SECRET, show_default=True, help="Signs the events.")
@click.option("--webhook-retries", default=RETRIES_S, show_default=True, help="Seconds between attempts.")
@click.option("--fault", "faults", multiple=True, metavar="NAME=VALUE", help="A fault switch, e.g. errors=3.")
def simulator(
    host: str,
    port: int,
    profile: str,
    keys: tuple[str, ...],
    inactive_keys: tuple[str, ...],
    settle_delay: float,
    confirm_delay: float,
    webhook_url: str,
    webhook_secret: str,
    webhook_retries: str,
    faults: tuple[str, ...],
) -> None:
    """Simulate the payment gateway Finternet over HTTP, to try the real client without a key.

    \b
    Example:
      flask wallet simulator --profile documented --settle-delay 1
    """
    # Only here, so that no other command waits for what only the simulator needs.
    from murph.gateways.payment.simulator import server, world

    options = world.Options(
        documented=profile == DOCUMENTED,
        keys=keys,
        inactive_keys=inactive_keys,
        settle_delay_s=settle_delay,
        confirm_delay_s=confirm_delay,
        webhook_url=webhook_url if profile == DOCUMENTED else "",  # the server was never seen to send any
        webhook_secret=webhook_secret,
        webhook_retries_s=_seconds(webhook_retries),
    )
    try:
        server.serve(options, host=host, port=port, faults=dict(_pair(fault) for fault in faults))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        reason = f"Cannot listen on port {port} of {host}: {os.strerror(error.errno or 0)}."
        raise click.ClickException(f"{reason} Name another with --port.") from error


def _seconds(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part)
    except ValueError as error:
        raise click.BadParameter("expected seconds separated by commas, e.g. 1,5,30") from error


def _pair(fault: str) -> tuple[str, str]:
    name, _, value = fault.partition("=")
    return name, value
