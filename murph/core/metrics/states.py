"""What was read, as Prometheus has it."""

from itertools import accumulate

from prometheus_client.metrics_core import GaugeMetricFamily, HistogramMetricFamily, Metric

from murph.core.figures import Figure, Spread


def state(figure: Figure | Spread) -> Metric:
    """Return a figure that was read as a metric."""
    if isinstance(figure, Figure):
        labels = [figure.label] if figure.label else []
        shown = GaugeMetricFamily(figure.name, figure.meaning, labels=labels)
        for of_label, value in figure.values.items():
            shown.add_metric([of_label] if labels else [], value)
        return shown
    bounds = [*map(str, figure.upto), "+Inf"]
    sums = list(accumulate(figure.counts))
    return HistogramMetricFamily(
        figure.name, figure.meaning, list(zip(bounds, sums, strict=True)), sum_value=figure.total
    )
