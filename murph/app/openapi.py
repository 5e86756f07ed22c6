"""The OpenAPI document and Swagger UI, both served without the internet."""

import re
import threading
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import flask_smorest
from flask import Flask, Response, json, request
from flask_swagger_ui import get_swaggerui_blueprint
from marshmallow import fields

from murph.app.links import add_links
from murph.core.http import Blueprint
from murph.core.http.fields import QuerySchema

API_PREFIX = "/api/v1"
DOCUMENT_PATH = "/api/openapi.json"
UI_PATH = "/api/docs"

_EXAMPLES = {"uuid": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11", "date-time": "2026-01-31T12:00:00.000000Z"}
_TOKENS = {
    "access_token": "The access token of a sign-in, good for a quarter of an hour",
    "refresh_token": "The refresh token of a sign-in, good once, for a fresh pair of tokens",
}


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

    def _openapi_json(self) -> Response:
        with self._describing:
            return Response(self._document, mimetype="application/json")

    @cached_property
    def _document(self) -> str:
        for blueprint in self._undescribed:
            blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
            self.spec.tag({"name": blueprint.name, "description": blueprint.description})
        document = self.spec.to_dict()
        for body in _bodies(document):
            body["example"] = _example(body["schema"], document)
        add_links(document)
        return json.dumps(document, indent=2, sort_keys=False)

    def _register_error_handlers(self) -> None:
        """Leave errors to ``murph.core.http.problem``."""

    def _register_responses(self) -> None:
        """Leave out flask-smorest's error documents: ours are documented at each operation."""

    def _register_etag_headers(self) -> None:
        """Leave out flask-smorest's ETags, which are not ours."""

    def _register_pagination_header(self) -> None:
        """Leave out flask-smorest's pages, which are not ours."""


def init_app(app: Flask, blueprints: Iterable[Blueprint]) -> None:
    """Register `blueprints`, the document made from them, and the page that shows it."""
    app.config |= {
        "API_TITLE": app.config["APP_NAME"],
        "API_VERSION": "1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api",
        "OPENAPI_JSON_PATH": "openapi.json",
    }
    about = {"description": Path(__file__).with_suffix(".md").read_text()}
    api = Api(app, spec_kwargs={"info": about, "servers": [{"url": app.config["PUBLIC_URL"]}]})
    api.ma_plugin.converter.add_attribute_function(_describe)
    for name, meaning in _TOKENS.items():
        scheme = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": meaning}
        api.spec.components.security_scheme(name, scheme)
    for blueprint in blueprints:
        api.register_blueprint(blueprint, url_prefix=API_PREFIX + (blueprint.url_prefix or ""))
    # Its own defaults ask a public service whether the document is valid, and repeat the Host header.
    ui = {"app_name": app.config["APP_NAME"], "validatorUrl": None, "oauth2RedirectUrl": None}
    app.register_blueprint(get_swaggerui_blueprint(UI_PATH, DOCUMENT_PATH, config=ui))
    app.after_request(_let_the_ui_run)


def _describe(_converter: Any, field: fields.Field[Any], *, ret: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be added to what apispec found out about a field, and take out what is wrong."""
    added: dict[str, Any] = field.described() if hasattr(field, "described") else {}
    if isinstance(field, fields.Constant):
        del ret["default"]
        added |= {} if "type" in ret else {"type": "string", "const": field.constant}
    if isinstance(field.root, QuerySchema):
        _forget_null(ret)  # an absent parameter is not a null
    elif field.allow_none and "type" in added:
        kinds = added["type"]
        added["type"] = [*([kinds] if isinstance(kinds, str) else kinds), "null"]
    return added


def _forget_null(described: dict[str, Any]) -> None:
    if described.get("default", ...) is None:
        del described["default"]
    if isinstance(described.get("type"), list):
        described["type"] = described["type"][0]
    if "enum" in described:
        described["enum"] = [value for value in described["enum"] if value is not None]


def _bodies(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every body that is sent or, with success, received."""
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    for operation in operations:
        if isinstance(operation, dict):
            yield from operation.get("requestBody", {}).get("content", {}).values()
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    yield from answer.get("content", {}).values()


def _example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Return an example of `schema`, put together from those of its fields; Ellipsis without any."""
    if "example" in schema:
        return schema["example"]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], document)
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _example(document["components"]["schemas"][name], document)
    if "items" in schema:
        return [_example(schema["items"], document)]
    if "properties" in schema:
        fields = {name: _example(each, document) for name, each in schema["properties"].items()}
        return {name: example for name, example in fields.items() if example is not ...}
    choices = schema.get("enum", [schema.get("const", ...)])
    return _EXAMPLES.get(schema.get("format", ""), choices[0])


def _let_the_ui_run(response: Response) -> Response:
    if request.path == f"{UI_PATH}/":
        scripts = re.findall(r"<script>(.*?)</script>", response.get_data(as_text=True), re.DOTALL)
        hashes = [b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
        allowed = " ".join(f"'sha256-{each}'" for each in hashes)
        response.headers["Content-Security-Policy"] = (
            f"default-src 'self'; script-src 'self' {allowed}; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data:; frame-ancestors 'none'"
        )
    return response
