"""``GET /metrics``: what was counted, and what is, in the text format of Prometheus."""

import hmac
import time
from collections.abc import Iterable, Iterator

import click
import structlog
from flask import Flask, Response, current_app, request
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from murph.app.backup import figures as backup_figures
from murph.app.health import what_the_database_lacks
from murph.core import clock, metrics, queue
from murph.core.errors import NotFound, Unauthenticated
from murph.core.figures import Figure, Reader
from murph.core.looks import Look
from murph.core.metrics.states import state
from murph.discovery import figures as discovery_figures
from murph.gateways import storage
from murph.media import figures as media_figures
from murph.session import figures as session_figures
from murph.wallet import figures as wallet_figures

log = structlog.get_logger(__name__)

_FEATURES = (session_figures, wallet_figures, media_figures, discovery_figures, backup_figures)


PATH = "/metrics"
"""Not to be spelled otherwise: balancers refuse it to the outside by this name."""


class MetricsRefused(Unauthenticated):
    """Whoever asks does not know the token."""

    detail = "Send the METRICS_TOKEN of this server as 'Authorization: Bearer <token>'."


def init_app(app: Flask) -> None:
    """Add ``/metrics``."""
    app.extensions["murph_figures"] = States(app)
    app.add_url_rule(PATH, view_func=_metrics)
    app.cli.add_command(command)


def _metrics() -> Response:
    _refuse_strangers()
    return Response(_shown(), content_type=metrics.CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _shown() -> bytes:
    states: States = current_app.extensions["murph_figures"]
    return metrics.exposition([state(figure) for figure in states.read()])


@click.command("metrics")
@with_appcontext
def command() -> None:
    """Print what Prometheus would read at /metrics, for hosts that serve nothing.

    \b
    Example:
      flask metrics > /var/lib/node_exporter/murph.prom
    """
    click.echo(_shown(), nl=False)


def _refuse_strangers() -> None:
    if request.environ["PATH_INFO"] != PATH:
        raise NotFound
    token: str = current_app.config["METRICS_TOKEN"]
    if not token:
        if current_app.config["MURPH_ENV"] == "production":
            raise NotFound
        return
    sent = request.headers.get("Authorization", "")
    if not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise MetricsRefused


class States:
    """What the features read, kept for a while: however often somebody asks, the database is not."""

    def __init__(self, app: Flask) -> None:
        self._readers = [reader for feature in _FEATURES for reader in feature.readers()]
        self._look = Look(app, self._looked)
        self._read: dict[int, tuple[float, list[Figure]]] = {}

    def read(self) -> Iterable[Figure]:
        """Return the figures of database and queue, and which of the two is there."""
        has_database, queues = what_the_database_lacks() != "database", _of_queue()
        there = {"database": has_database, "queue": queues is not None}
        there["storage"] = storage.is_reachable()
        up = {part: float(is_there) for part, is_there in there.items()}
        yield Figure("murph_up", "Whether a part of the deployment answers.", up, "part")
        if has_database:
            yield from self._of_database()
        yield from queues or ()

    def _of_database(self) -> list[Figure]:
        """Return what is read now, or, where that takes long, what was read last."""
        seen = self._look()
        return [figure for _, read in list(self._read.values()) for figure in read] if seen is None else seen

    def _looked(self) -> list[Figure]:
        try:
            return [figure for number, _ in enumerate(self._readers) for figure in self._kept(number)]
        except SQLAlchemyError as error:
            log.warning("metrics.not_read", reason=str(error))
            return []

    def _kept(self, number: int) -> list[Figure]:
        reader: Reader = self._readers[number]
        until_s, figures = self._read.get(number, (0.0, []))
        if time.monotonic() >= until_s:
            figures = list(reader.read(clock.now()))
            self._read[number] = time.monotonic() + reader.kept_s, figures
        return figures


def _of_queue() -> list[Figure] | None:
    looked = queue.waiting(clock.now())
    return None if looked is None else list(_told(looked))


def _told(looked: list[queue.Waiting]) -> Iterator[Figure]:
    jobs = {each.queue: float(each.jobs) for each in looked}
    yield Figure("murph_queue_jobs", "Jobs that wait.", jobs, "queue")
    ages = {each.queue: each.oldest_s for each in looked}
    yield Figure("murph_queue_oldest_age_seconds", "Age of the oldest of them.", ages, "queue")
    workers = {each.queue: float(each.workers) for each in looked}
    yield Figure("murph_queue_workers", "Workers that serve it.", workers, "queue")
