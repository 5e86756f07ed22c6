"""What is known of every request afterwards: how long it took, by its route, and how it went."""

import time

import structlog
from flask import Flask, Response, g, request

from murph.core import metrics, spans
from murph.core.http.context import request_id

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
PROBES = {"/healthz", "/readyz", "/metrics"}
"""Asked every few seconds by machines: a line of each would hide the others."""
SOCKETS = "/ws/"
"""A socket's time is its player's, and would look like a request that takes hours."""

_DURATION = metrics.histogram(
    "murph_http_request_duration_seconds",
    "Time until the head of the answer, by rule of the route.",
    "route",
    "method",
    "status",
)
_REFUSED_SOCKETS = metrics.counter(
    "murph_socket_refusals_total", "Sockets that were refused before they were open, by the status.", "status"
)

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Time every request and write a line about it."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.begun_s = time.perf_counter()


def _end(response: Response) -> Response:
    # Never the path: it has ids and tokens in it, and there would be no end of series.
    route = request.url_rule.rule if request.url_rule else "none"
    method = request.method if request.method in METHODS else "other"
    took_s = time.perf_counter() - g.begun_s
    if route.startswith(SOCKETS):
        if response.status_code >= 400:
            _REFUSED_SOCKETS.labels(str(response.status_code)).inc()
    else:
        _DURATION.labels(route, method, str(response.status_code)).observe(took_s)
    if route not in PROBES:
        spans.record(
            f"{method} {route}",
            took_s,
            traceparent=request.headers.get("Traceparent", ""),
            method=method,
            route=route,
            status=response.status_code,
            request_id=request_id(),
        )
        log.info(
            "http.request",
            method=method,
            route=route,
            status=response.status_code,
            duration_ms=round(took_s * 1000, 1),
        )
    return response
