"""The command that starts the simulators, also known as ``flask discovery simulator``."""

import os

import click

DEFAULT_KEY = "key-of-the-simulator"


@click.command("simulator")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9200, show_default=True, help="0 takes a free one."
)
@click.option("--key", default=DEFAULT_KEY, show_default=True, help="The one key that is taken.")
@click.option(
    "--behave",
    "behaviours",
    multiple=True,
    metavar="VENDOR=HOW",
    help="How a vendor answers, e.g. gemini=429; may be given several times.",
)
def simulator(host: str, port: int, key: str, behaviours: tuple[str, ...]) -> None:
    """Simulate Gemini, OpenAI, Anthropic and Groq over HTTP, to try the real adapters without a key.

    \b
    Examples:
      flask discovery simulator
      flask discovery simulator --behave gemini=500 --behave openai=slow
    """
    # Only here, so that no other command waits for what only the simulators need.
    from murph.gateways.ai.simulators import server

    try:
        server.serve(host=host, port=port, key=key, behaviours=dict(_pair(each) for each in behaviours))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        reason = f"Cannot listen on port {port} of {host}: {os.strerror(error.errno or 0)}."
        raise click.ClickException(f"{reason} Name another with --port.") from error


def _pair(text: str) -> tuple[str, str]:
    vendor, _, how = text.partition("=")
    return vendor, how
