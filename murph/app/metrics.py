"""``GET /metrics``: what was counted, and what is, in the text format of Prometheus."""

import hmac

from flask import Flask, Response, current_app, request

from murph.core import metrics
from murph.core.errors import NotFound, Unauthenticated


class MetricsRefused(Unauthenticated):
    """Whoever asks does not know the token."""

    detail = "Send the METRICS_TOKEN of this server as 'Authorization: Bearer <token>'."


def init_app(app: Flask) -> None:
    """Add ``/metrics``."""
    app.add_url_rule("/metrics", view_func=_metrics)


def _metrics() -> Response:
    _refuse_strangers()
    return Response(
        metrics.exposition(), content_type=metrics.CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )


def _refuse_strangers() -> None:
    token: str = current_app.config["METRICS_TOKEN"]
    if not token:
        if current_app.config["MURPH_ENV"] == "production":
            raise NotFound
        return
    sent = request.headers.get("Authorization", "")
    if not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise MetricsRefused
