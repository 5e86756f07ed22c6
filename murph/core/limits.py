"""Rate limits on the sensitive routes; counted in memory while Redis is away."""

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address


def account_in_body() -> str:
    """Return the e-mail a login names, so that one account is limited whatever the address."""
    body = request.get_json(silent=True)
    email = body.get("email") if isinstance(body, dict) else None
    return str(email)[:320].strip().casefold()


limiter = Limiter(key_func=get_remote_address, headers_enabled=False)


def init_app(app: Flask) -> None:
    """Count in the application's Redis, falling back to this process's memory."""
    app.config["RATELIMIT_ENABLED"] = app.config["RATE_LIMITS_ENABLED"]
    app.config["RATELIMIT_STORAGE_URI"] = app.config["REDIS_URL"].replace("unix://", "redis+unix://")
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_timeout": 1, "socket_connect_timeout": 1}
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    limiter.init_app(app)
