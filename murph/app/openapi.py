"""The OpenAPI document and Swagger UI, both served without the internet."""

import threading
from collections.abc import Iterable
from typing import Any

import flask_smorest
from flask import Flask, request
from flask_swagger_ui import get_swaggerui_blueprint

from murph.core.http import Blueprint
from murph.core.http.fields import HttpUrl, Moment, Money, StrictInteger, Text

API_PREFIX = "/api/v1"
DOCUMENT_PATH = "/api/openapi.json"
UI_PATH = "/api/docs"


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest that describes the routes when somebody first asks for the document.

    Describing them takes five times as long as all the rest of the start, and a worker, a command or
    a test hardly ever wants it.
    """

    def __init__(self, app: Flask, **kwargs: Any) -> None:
        self._undescribed: list[Blueprint] = []
        self._describing = threading.Lock()
        super().__init__(app, **kwargs)

    def register_blueprint(self, blueprint: Blueprint, *, url_prefix: str) -> None:
        """Register the routes of `blueprint`, to be described later."""
        self._app.register_blueprint(blueprint, url_prefix=url_prefix)
        self._undescribed.append(blueprint)

    def _openapi_json(self) -> Any:
        with self._describing:
            while self._undescribed:
                blueprint = self._undescribed[0]
                blueprint.register_views_in_doc(
                    self, self._app, self.spec, name=blueprint.name, parameters=None
                )
                self.spec.tag({"name": blueprint.name, "description": blueprint.description})
                self._undescribed.pop(0)
        return super()._openapi_json()

    def _register_error_handlers(self) -> None:
        """Leave errors to ``murph.core.http.problem``."""


def init_app(app: Flask, blueprints: Iterable[Blueprint]) -> None:
    """Register `blueprints`, the document made from them, and the page that shows it."""
    app.config |= {
        "API_TITLE": app.config["APP_NAME"],
        "API_VERSION": "1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api",
        "OPENAPI_JSON_PATH": "openapi.json",
    }
    api = Api(app, spec_kwargs={"servers": [{"url": app.config["PUBLIC_URL"]}]})
    _describe_fields(api)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for blueprint in blueprints:
        api.register_blueprint(blueprint, url_prefix=API_PREFIX + (blueprint.url_prefix or ""))
    app.register_blueprint(
        get_swaggerui_blueprint(UI_PATH, DOCUMENT_PATH, config={"app_name": app.config["APP_NAME"]})
    )
    app.after_request(_let_the_ui_run)


def _describe_fields(api: Any) -> None:
    api.register_field(Text, "string", None)
    api.register_field(HttpUrl, "string", "uri")
    api.register_field(StrictInteger, "integer", None)
    api.register_field(Money, "string", None)
    api.register_field(Moment, "string", "date-time")


def _let_the_ui_run(response: Any) -> Any:
    if request.path.startswith(UI_PATH):
        response.headers["Content-Security-Policy"] = (
            "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
            "script-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
        )
    return response
