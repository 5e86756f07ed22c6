"""The simulators' HTTP server: Flask on werkzeug's threads, which starts in a moment."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import click
from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import WSGIRequestHandler, make_server, select_address_family

from murph.gateways.ai.simulators.answers import say
from murph.gateways.ai.simulators.anthropic_api import AnthropicApi
from murph.gateways.ai.simulators.behaviour import BEHAVIOURS, World
from murph.gateways.ai.simulators.gemini_api import GeminiApi
from murph.gateways.ai.simulators.meaning import vector
from murph.gateways.ai.simulators.openai_api import OpenAiApi
from murph.gateways.ai.simulators.vendors import Api, EmbeddingApi, Refused

MAX_BODY_BYTES = 1024 * 1024
TRICKLE_S = 0.2

_APIS: dict[str, Api] = {
    "gemini": GeminiApi(),
    "openai": OpenAiApi(),
    "anthropic": AnthropicApi(),
    "groq": OpenAiApi(streams_structured=False),
}
_EMBEDDING_APIS: dict[str, EmbeddingApi] = {"gemini": GeminiApi(), "openai": OpenAiApi()}
_ROUTES = {
    "/v1beta/models/<model>:<method>": "gemini",
    "/v1/chat/completions": "openai",
    "/v1/embeddings": "openai",
    "/v1/messages": "anthropic",
    "/openai/v1/chat/completions": "groq",
}
_PREFIXES = {"GOOGLE_AI": "", "OPENAI": "/v1", "ANTHROPIC": "", "GROQ": "/openai/v1"}
_FAILURES = {
    "429": Refused(429, "rate_limit_error", "Too many requests"),
    "500": Refused(500, "api_error", "Internal error"),
    "503": Refused(503, "overloaded_error", "Overloaded"),
    "no_model": Refused(404, "not_found_error", "There is no such model"),
}


class _Handler(WSGIRequestHandler):
    """Answers without waiting for more to send, and without a line for every request."""

    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def serve(*, host: str, port: int, key: str, behaviours: dict[str, str]) -> None:
    """Run until the process is ended.

    Raises:
        ValueError: there is no such vendor or behaviour.
        OSError: nobody can listen there, e.g. as the port is taken.
    """
    world = World(key)
    for vendor, behaviour in behaviours.items():
        world.vendor(vendor).change({"behaviour": behaviour})
    # Our own socket: werkzeug would end the process with words of its own when the port is taken.
    listening = socket.create_server((host, port), family=select_address_family(host, port))
    server = make_server(
        host, port, make_app(world), threaded=True, request_handler=_Handler, fd=listening.fileno()
    )
    _say_how_to_use(f"http://{host}:{listening.getsockname()[1]}", key)
    server.serve_forever()


def make_app(world: World) -> Flask:
    """Return the WSGI application over a world."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    for rule, vendor in _ROUTES.items():
        app.add_url_rule(rule, rule, _view(world, vendor), methods=["POST"])
    app.add_url_rule("/_control", "state", lambda: jsonify(_state(world)))
    app.add_url_rule("/_control/<vendor>", "control", _control(world), methods=["POST"])

    @app.errorhandler(ValueError)
    def wrong_control(error: ValueError) -> ResponseReturnValue:
        return jsonify({"message": str(error)}), 400

    return app


def _view(world: World, name: str) -> Any:
    def view(model: str = "", method: str = "") -> ResponseReturnValue:
        vendor, api = world.vendors[name], _APIS[name]
        with world.lock:
            vendor.asked += 1
        try:
            return _answer(world, name, model, method)
        except Refused as refused:
            if refused.kind == "invalid_request_error":
                vendor.refused.append(refused.message)
            body = api.error(refused)
            status = body["error"].get("code") if name == "gemini" else refused.status
            return jsonify(body), status

    return view


def _answer(world: World, name: str, model: str, method: str) -> ResponseReturnValue:
    vendor, api = world.vendors[name], _APIS[name]
    if api.key({key.lower(): value for key, value in request.headers.items()}) != world.key:
        raise Refused(401, "authentication_error", "The key is not valid")
    body = request.get_json(force=True)
    embeds = request.path.endswith(("/embeddings", ":batchEmbedContents"))
    texts = _EMBEDDING_APIS[name].texts_to_embed(body) if embeds else api.texts(body)
    vendor.last_question = body
    if vendor.behaviour in _FAILURES:
        raise _FAILURES[vendor.behaviour]
    if vendor.behaviour == "hang_up":
        _hang_up(_connection())
        return Response("")
    if vendor.behaviour == "slow":
        time.sleep(vendor.latency_s)
    model, is_streamed = model or body["model"], body.get("stream") or method == "streamGenerateContent"
    if embeds:
        parts = [json.dumps(_EMBEDDING_APIS[name].embedded(list(map(vector, texts)), model))]
    else:
        said = say(vendor, texts)
        parts = list(api.streamed(said, model)) if is_streamed else [json.dumps(api.whole(said, model))]
    if vendor.behaviour == "raw":
        parts = [vendor.text]
    kind = "text/event-stream" if is_streamed and name != "gemini" else "application/json"
    sent = _sent(vendor.behaviour, parts, _connection())
    return Response(sent, content_type=f"{kind}; charset=UTF-8")


def _sent(behaviour: str, parts: list[str], connection: socket.socket) -> Iterator[str]:
    """Yield what goes over the wire."""
    if behaviour == "malformed":
        yield parts[0].replace("{", "{{", 1)
        return
    if behaviour == "trickle":
        for byte in "".join(parts):
            time.sleep(TRICKLE_S)
            yield byte
        return
    if behaviour == "cut":
        text = "".join(parts)
        yield text[: len(text) // 2]
        _hang_up(connection)
        return
    yield from parts


def _connection() -> socket.socket:
    connection: socket.socket = request.environ["werkzeug.socket"]
    return connection


def _hang_up(connection: socket.socket) -> None:
    """Close the connection under the answer, as a network that fails just then does."""
    connection.shutdown(socket.SHUT_RDWR)


def _control(world: World) -> Any:
    def control(vendor: str) -> ResponseReturnValue:
        body = request.get_json(force=True, silent=True)
        if not isinstance(body, dict):
            raise ValueError("send a JSON object")
        world.vendor(vendor).change(body)
        return jsonify(_state(world))

    return control


def _state(world: World) -> dict[str, Any]:
    return {name: vars(vendor) for name, vendor in world.vendors.items()} | {"behaviours": BEHAVIOURS}


def _say_how_to_use(origin: str, key: str) -> None:
    click.echo("Simulating Gemini, OpenAI, Anthropic and Groq. Point Murph at them with some or all of:")
    for prefix, path in _PREFIXES.items():
        click.echo(f"{prefix}_API_URL={origin}{path}")
        click.echo(f"{prefix}_API_KEY={key}")
    click.echo(f"Switches: POST {origin}/_control/gemini. End with Ctrl-C.")
