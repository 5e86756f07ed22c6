"""Errors to Sentry and spans to OpenTelemetry, where the operator wants them; both are optional extras.

The libraries are given what the log is given, redacted in the same way, and nothing else: none of their
own integrations, no local variables, no bodies, no headers.
"""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Flask

from murph.core import log, redaction, spans

LAST_WORDS_S = 2.0
"""How long the process of a job, which ends with it, waits until what it told is sent."""


def init_app(app: Flask) -> None:
    """Report where the settings say so; they have made sure that the libraries are there."""
    if app.config["SENTRY_DSN"]:
        _report_errors(app.config)
    if app.config["OTEL_EXPORTER_OTLP_ENDPOINT"]:
        _record_spans(app.config)


def _report_errors(config: Mapping[str, Any]) -> None:
    import sentry_sdk

    sentry_sdk.init(
        dsn=config["SENTRY_DSN"],
        environment=config["MURPH_ENV"],
        before_send=lambda event, _hint: redaction.redact(event),
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        send_default_pii=False,
        max_request_body_size="never",
    )
    log.report_errors_to(partial(_to_sentry, sentry_sdk))


def _to_sentry(sentry: Any, event: Mapping[str, Any], error: BaseException | None) -> None:
    with sentry.new_scope() as scope:
        scope.set_tag("event", event["event"])
        for name, value in event.items():
            scope.set_extra(name, value)
        if error is None:
            sentry.capture_message(event["event"], level="error")
        else:
            sentry.capture_exception(error)
    if "job" in event:
        sentry.flush(timeout=LAST_WORDS_S)


def _record_spans(config: Mapping[str, Any]) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    endpoint = config["OTEL_EXPORTER_OTLP_ENDPOINT"].rstrip("/")
    provider = TracerProvider(resource=Resource.create({"service.name": config["APP_NAME"].lower()}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")))
    spans.record_with(partial(_to_collector, provider))


def _to_collector(
    provider: Any, name: str, took_s: float, traceparent: str, about: Mapping[str, str | int]
) -> None:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
    ended_ns = time.time_ns()
    begun_ns = ended_ns - round(took_s * 1e9)
    attributes = redaction.redact(dict(about))
    span = provider.get_tracer("murph").start_span(
        name, context=context, start_time=begun_ns, attributes=attributes
    )
    span.end(ended_ns)
    if "job" in about:
        provider.force_flush(int(LAST_WORDS_S * 1000))
