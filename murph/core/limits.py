"""Rate limits on the sensitive routes; counted in memory while Redis is away."""

import math
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

import structlog
from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address

from murph.core import homes, metrics
from murph.core.errors import MurphError
from murph.core.http import render

log = structlog.get_logger(__name__)

_REFUSED = metrics.counter(
    "murph_rate_limited_total", "Requests beyond a limit, by rule of the route.", "route"
)

F = TypeVar("F", bound=Callable[..., Any])


class RateLimited(MurphError):
    """Too many requests of one kind from one account or address."""

    status = 429
    code = "rate_limited"
    detail = "Too many requests. Wait for the seconds named in Retry-After."


def by_home() -> str:
    """Return what an address is counted by: whoever has one of IPv6 has 2**64 of them."""
    address = get_remote_address()
    found = homes.read(address)
    return address if found is None else homes.home_of(found)


limiter = Limiter(key_func=by_home, headers_enabled=False)


def setting(name: str) -> Callable[[], str]:
    """Return what reads a limit from the settings, at each request."""
    return lambda: str(current_app.config[name])


def sensitive(view: F) -> F:
    """Limit what moves money or bothers people, where the operator set SENSITIVE_LIMIT_PER_ACCOUNT.

    Stands below the guard: it counts by account, and by address where nobody is signed in.
    """
    limit = limiter.limit(setting("SENSITIVE_LIMIT_PER_ACCOUNT"), key_func=_caller, exempt_when=_is_unlimited)
    return cast("F", limit(view))


def _caller() -> str:
    return str(g.actor_id) if "actor_id" in g else by_home()


def _is_unlimited() -> bool:
    return not current_app.config["SENSITIVE_LIMIT_PER_ACCOUNT"]


def init_app(app: Flask) -> None:
    """Count in the application's Redis, falling back to this process's memory."""
    app.config["RATELIMIT_ENABLED"] = app.config["RATE_LIMITS_ENABLED"]
    app.config["RATELIMIT_STORAGE_URI"] = app.config["REDIS_URL"].replace("unix://", "redis+unix://")
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 1, "socket_connect_timeout": 1}
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, _render)


def _render(_error: RateLimitExceeded) -> Response:
    route = request.url_rule.rule if request.url_rule else "none"
    _REFUSED.labels(route).inc()
    log.warning("request.rate_limited", route=route, client=request.remote_addr)
    breached = limiter.current_limit
    wait_s = math.ceil(breached.reset_at - time.time()) if breached else 1
    return render(RateLimited(retry_after_s=max(1, wait_s)))
