"""The application factory."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask
from flask_cors import CORS
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from murph.app import features, health, metrics, openapi, reporting
from murph.core import limits, log, money, queue, redaction
from murph.core.db import db, engine
from murph.core.faults import refuse_faults_in_production
from murph.core.http import aliases, body, context, observed, problem, uploads
from murph.gateways import ai, payment, storage

MAX_BODY_BYTES = 64 * 1024
SECRET_SETTING = re.compile("SECRET|TOKEN$|_KEY(_ID|_PREVIOUS)?$|_DSN$")
EXPOSED_HEADERS = ["ETag", "Idempotency-Replayed", "Retry-After", "WWW-Authenticate", "X-Request-ID"]
"""What pages of other origins may read of an answer, beside what every page may."""


class _Synchronous(Flask):
    """An application without coroutines: ten times a request Flask would look whether there is one."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


def create_app(config: Mapping[str, Any]) -> Flask:
    """Return a ready application.

    Args:
        config: the settings by name, as ``config.Settings.flask_config`` gives them.

    Raises:
        ValueError: when a setting has a value that the program cannot work with.
        RuntimeError: when a fault label is set in production.
    """
    refuse_faults_in_production(config["MURPH_ENV"])
    app = _Synchronous("murph", instance_path=str(config["INSTANCE_PATH"].resolve()), static_folder=None)
    app.config.from_mapping(config)
    app.config["DEFAULT_LOCK_MINOR"] = money.parse(config["DEFAULT_LOCK_AMOUNT"], config["CURRENCY"])
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.url_map.merge_slashes = False
    redaction.know(_secrets(config))
    log.configure(config["LOG_FORMAT"])
    for extension in (engine, queue, limits, context, observed, body, uploads, problem):
        extension.init_app(app)
    for part in (payment, storage, ai, health, metrics, reporting):
        part.init_app(app)
    Migrate(app, db, directory="migrations")
    openapi.init_app(app, features.blueprints())
    features.init_app(app)
    origins = [config["PUBLIC_URL"], *config["ALLOWED_ORIGINS"]]
    CORS(app, origins=origins, expose_headers=EXPOSED_HEADERS, always_send=False)
    _wrap(app)
    return app


def _secrets(config: Mapping[str, Any]) -> Iterator[str]:
    """Return the values of the settings that nobody may read in a log."""
    yield from (str(value) for name, value in config.items() if value and SECRET_SETTING.search(name))
    for name in ("DATABASE_URL", "REDIS_URL"):
        yield unquote(urlsplit(config[name]).password or "")


def _wrap(app: Flask) -> None:
    proxies = app.config["TRUSTED_PROXIES"]
    aliased = aliases.PathAliases(app.wsgi_app)
    trusted = ProxyFix(aliased, x_for=proxies, x_proto=proxies, x_host=proxies) if proxies else aliased
    app.wsgi_app = trusted  # type: ignore[method-assign]
