"""What was read, as Prometheus has it."""

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from murph.core.figures import Figure


def state(figure: Figure) -> Metric:
    """Return a figure that was read as a metric."""
    labels = [figure.label] if figure.label else []
    shown = GaugeMetricFamily(figure.name, figure.meaning, labels=labels)
    for of_label, value in figure.values.items():
        shown.add_metric([of_label] if labels else [], value)
    return shown
