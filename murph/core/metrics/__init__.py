"""What is counted and timed, for Prometheus. Nobody else imports its library.

A feature makes its metrics where it counts: `metrics.counter("murph_rings_total", "...", "outcome")`.
What is a state of the database is not counted: it is read when somebody looks (see `murph.core.figures`).
"""

from collections.abc import Iterable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from murph.core.metrics.keeping import REGISTRY, keep_in, shared, take_part
from murph.core.slots import FOLDER

__all__ = [
    "CONTENT_TYPE_LATEST",
    "FOLDER",
    "counter",
    "exposition",
    "gauge",
    "histogram",
    "keep_in",
    "take_part",
]

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def counter(name: str, meaning: str, *labels: str) -> Counter:
    """Return a metric that only rises."""
    return Counter(name, meaning, labels, registry=REGISTRY)


def gauge(name: str, meaning: str, *labels: str) -> Gauge:
    """Return a metric of the moment, the sum over all processes that live."""
    return Gauge(name, meaning, labels, registry=REGISTRY, multiprocess_mode="livesum")


def histogram(name: str, meaning: str, *labels: str, buckets: Sequence[float] = SECONDS) -> Histogram:
    """Return a metric of how often something was how long, or how large."""
    return Histogram(name, meaning, labels, registry=REGISTRY, buckets=buckets)


def exposition(states: Iterable[Metric] = ()) -> bytes:
    """Return everything in the text format of Prometheus: what was counted, and `states` beside it."""
    return generate_latest(shared() or REGISTRY) + generate_latest(_Given(states))


class _Given(Collector):
    """Metrics that are there already."""

    def __init__(self, states: Iterable[Metric]) -> None:
        self._states = list(states)

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self._states
