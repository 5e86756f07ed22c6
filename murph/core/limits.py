"""Rate limits on the sensitive routes; counted in memory while Redis is away."""

import math
import time

from flask import Flask, Response
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address

from murph.core.errors import MurphError
from murph.core.http import render


class RateLimited(MurphError):
    """Too many requests of one kind from one account or address."""

    status = 429
    code = "rate_limited"
    detail = "Too many requests. Wait for the seconds named in Retry-After."


limiter = Limiter(key_func=get_remote_address, headers_enabled=False)


def init_app(app: Flask) -> None:
    """Count in the application's Redis, falling back to this process's memory."""
    app.config["RATELIMIT_ENABLED"] = app.config["RATE_LIMITS_ENABLED"]
    app.config["RATELIMIT_STORAGE_URI"] = app.config["REDIS_URL"].replace("unix://", "redis+unix://")
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 1, "socket_connect_timeout": 1}
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, _render)


def _render(_error: RateLimitExceeded) -> Response:
    breached = limiter.current_limit
    wait_s = math.ceil(breached.reset_at - time.time()) if breached else 1
    return render(RateLimited(retry_after_s=max(1, wait_s)))
