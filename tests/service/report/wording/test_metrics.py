"""Metrics in words: each has a name of its own, and a sentence that says what its figure means."""

import pytest

from service.report.wording.metrics import best_possible, figure_sentence, metric_name, metric_text
from workers.metrics.metric import Metric


def test_no_two_metrics_have_one_name() -> None:
    assert len({metric_name(metric) for metric in Metric}) == len(Metric)
    assert len({best_possible(metric) for metric in Metric}) == len(Metric)


@pytest.mark.parametrize("metric", Metric)
def test_a_sentence_tells_the_target_and_the_figure(metric: Metric) -> None:
    sentence = figure_sentence(metric, 0.25, target="price")
    assert "price" in sentence
    assert metric_text(metric, 0.25) in sentence
    assert "{" not in sentence
