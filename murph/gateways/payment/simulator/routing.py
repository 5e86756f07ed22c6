"""From a request to an answer: faults, keys, bodies, limits and repeats, the same for every route."""

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, jsonify, request

from murph.gateways.payment.simulator.bodies import NOTHING, Field, check
from murph.gateways.payment.simulator.limits import Limits
from murph.gateways.payment.simulator.refusals import Malformed, Refused, crash
from murph.gateways.payment.simulator.world import Merchant, World

KEY_PREFIXES = ("sk_hackathon_", "sk_test_", "sk_live_")

View = Callable[..., dict[str, Any]]
Answer = tuple[dict[str, Any], int]


@dataclass
class Call:
    """What a route works with; a public route is nobody's."""

    world: World
    merchant: Merchant
    body: dict[str, Any]
    query: dict[str, str]


@dataclass(frozen=True)
class _Route:
    view: View
    method: str
    rule: str
    fields: tuple[Field, ...]
    public: bool
    status: int
    documented_status: int


@dataclass
class Routes:
    """A list of routes, to be made into a blueprint over a world."""

    _routes: list[_Route] = field(default_factory=list)

    def get(self, rule: str, *, public: bool = False) -> Callable[[View], View]:
        """Register a route that is asked."""
        return self._register("GET", rule, NOTHING, public, 200, 200)

    def post(
        self,
        rule: str,
        fields: tuple[Field, ...],
        *,
        public: bool = False,
        status: int = 200,
        documented_status: int = 200,
    ) -> Callable[[View], View]:
        """Register a route that is told something."""
        return self._register("POST", rule, fields, public, status, documented_status)

    def blueprint(self, world: World, prefix: str) -> Blueprint:
        """Return the routes, answering out of this world."""
        blueprint = Blueprint("api", __name__, url_prefix=prefix)
        limits = Limits(world)
        repeats: dict[tuple[str, ...], Answer] = {}
        for route in self._routes:
            view = _view(route, world, limits, repeats)
            blueprint.add_url_rule(route.rule, route.view.__name__, view, methods=[route.method])
        return blueprint

    def _register(
        self, method: str, rule: str, fields: tuple[Field, ...], *how: Any
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            self._routes.append(_Route(view, method, rule, fields, *how))
            return view

        return register


def _view(
    route: _Route, world: World, limits: Limits, repeats: dict[tuple[str, ...], Answer]
) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        name = f"{request.method} {request.path}"
        if world.faults.concerns(name):
            time.sleep(world.faults.latency_s)
        with world.lock:
            headers: dict[str, str] = {}
            try:
                body, status = _answer(route, world, limits, repeats, headers, ids)
            except (Refused, Malformed) as refusal:
                body, status = refusal.shown(documented=world.options.documented)
            answer = jsonify(body)
            lost = world.faults.strikes("lost_answers", name)
        answer.status_code = status
        answer.headers.update(headers)
        if lost:
            _hang_up()
        return answer

    return view


def _answer(
    route: _Route,
    world: World,
    limits: Limits,
    repeats: dict[tuple[str, ...], Answer],
    headers: dict[str, str],
    ids: dict[str, str],
) -> Answer:
    documented = world.options.documented
    _strike(world)
    body = _body()
    call = Call(world, _NOBODY if route.public else _merchant(world), body, request.args.to_dict())
    if documented and not route.public:
        headers |= limits.count(call.merchant, route.view.__name__)
    key = (call.merchant.id, request.method, request.path, request.headers.get("Idempotency-Key", ""))
    if documented and key in repeats:
        return repeats[key]
    check(body, route.fields)
    answer = route.view(call, **ids), route.documented_status if documented else route.status
    if documented and key[-1] and request.method == "POST":
        repeats[key] = json.loads(json.dumps(answer[0])), answer[1]
    return answer


def _strike(world: World) -> None:
    name = f"{request.method} {request.path}"
    if world.faults.strikes("errors", name):
        raise crash()
    if world.faults.strikes("rate_limits", name):
        raise Refused(429, "rate_limit_exceeded", "Too many requests")


def _body() -> dict[str, Any]:
    raw = request.get_data() if request.method == "POST" else b""
    try:
        body = json.loads(raw or b"{}")
    except ValueError as error:
        raise Malformed(str(error)) from error
    if not isinstance(body, dict):
        raise Malformed("Unexpected token in JSON at position 0")
    return body


def _merchant(world: World) -> Merchant:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    key = request.headers.get("X-API-Key") or (token if scheme == "Bearer" else "")
    if not key:
        message = "API key is required. Provide it in the X-API-Key header."
        raise Refused(401, "missing_api_key", message)
    if not key.startswith(KEY_PREFIXES):
        message = f"API key must start with {', '.join(KEY_PREFIXES[:-1])}, or {KEY_PREFIXES[-1]}"
        raise Refused(401, "invalid_api_key_format", message)
    if key not in world.merchants:
        message = "Invalid API key. The provided key does not exist."
        raise Refused(401, "invalid_api_key", message)
    if not world.merchants[key].active:
        raise Refused(403, "inactive_merchant", "Merchant account is inactive.")
    return world.merchants[key]


def _hang_up() -> None:
    """Close the connection under the answer, as a network that fails just then does."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)


_NOBODY = Merchant(id="", key="", active=False, number=0)
