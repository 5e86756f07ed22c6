"""The simulator's HTTP server: Flask on werkzeug's threads, which starts in a moment."""

import socket
from typing import Any

import click
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server, select_address_family

from murph.gateways.payment.finternet.client import API_PATH
from murph.gateways.payment.simulator import api
from murph.gateways.payment.simulator.control import control, page
from murph.gateways.payment.simulator.refusals import Malformed, Refused
from murph.gateways.payment.simulator.webhooks import Sender
from murph.gateways.payment.simulator.world import Options, World

MAX_BODY_BYTES = 1024 * 1024


class _Handler(WSGIRequestHandler):
    """Answers without waiting for more to send, and without a line for every request."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def serve(options: Options, *, host: str, port: int, faults: dict[str, Any]) -> None:
    """Run until the process is ended.

    Raises:
        ValueError: there is no such fault.
        OSError: nobody can listen there, e.g. as the port is taken.
    """
    world = World(options)
    world.faults.change(faults)
    sender = Sender(world)
    # Our own socket: werkzeug would end the process with words of its own when the port is taken.
    listening = socket.create_server((host, port), family=select_address_family(host, port))
    server = make_server(
        host, port, make_app(world, sender), threaded=True, request_handler=_Handler, fd=listening.fileno()
    )
    world.public_url = f"http://{host}:{listening.getsockname()[1]}"
    world.clockwork.start()
    if options.webhook_url:
        sender.start()
    _say_how_to_use(world)
    server.serve_forever()


def make_app(world: World, sender: Sender) -> Flask:
    """Return the WSGI application over a world."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.register_blueprint(api.routes.blueprint(world, API_PATH))
    app.register_blueprint(control(world, sender))
    app.register_blueprint(page(world))

    @app.errorhandler(HTTPException)
    def no_such_route(_: HTTPException) -> ResponseReturnValue:
        asked = request.full_path if request.query_string else request.path
        body, status = Malformed(f"Cannot {request.method} {asked}", 404).shown(
            documented=world.options.documented
        )
        return jsonify(body), status

    @app.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        body, status = error.shown(documented=world.options.documented)
        return jsonify(body), status

    @app.errorhandler(ValueError)
    @app.errorhandler(KeyError)
    def wrong_control(error: Exception) -> ResponseReturnValue:
        return jsonify({"message": str(error)}), 400

    return app


def _say_how_to_use(world: World) -> None:
    profile = "documented" if world.options.documented else "observed"
    click.echo(f"Simulating Finternet ({profile}). Point Murph at it with:")
    click.echo(f"FINTERNET_API_URL={world.public_url}{API_PATH}")
    click.echo(f"FINTERNET_API_KEY={world.options.keys[0]}")
    click.echo(f"FINTERNET_WEBHOOK_SECRET={world.options.webhook_secret}")
    click.echo(f"Switches: POST {world.public_url}/_control. End with Ctrl-C.")
