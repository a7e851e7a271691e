"""Numbers as people read them: metrics' names, figures and their meaning, durations, hyperparameters."""

import pytest

from search_spaces.counted import counted
from service.report.wording.numbers import (
    best_possible,
    duration_text,
    figure_sentence,
    left_text,
    metric_name,
    metric_text,
    metrics_text,
    value_text,
    values_text,
)
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


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        (Metric.ERROR, 0.0139, "1.39 %"),
        (Metric.ERROR, 0.0, "0.00 %"),
        (Metric.RMSE, 14370.4, "14,370"),
        (Metric.RMSE, 54.123, "54.12"),
        (Metric.RMSE, 999.96, "1,000"),
        (Metric.RMSE, 1.2e-5, "1.2e-05"),
        (Metric.R_SQUARED, -0.05, "-0.05"),
        (Metric.R_SQUARED, -2.2e-16, "0"),
        (Metric.ERROR, -1e-6, "0.00 %"),
        (Metric.RMSE, -0.0, "0"),
        (Metric.BALANCED_ERROR, 0.0139, "1.39 %"),
        (Metric.CALIBRATION_ERROR, 0.25, "25.00 %"),
        (Metric.ROC_AUC, 0.98765, "0.9877"),
        (Metric.MACRO_F1, 1.0, "1"),
        (Metric.LOG_LOSS, 0.034567, "0.03457"),
        (Metric.MAE, 14370.4, "14,370"),
    ],
)
def test_figures(metric: Metric, value: float, text: str) -> None:
    assert metric_text(metric, value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.7, "1 min 0 s"),
        (42, "42 s"),
        (75, "1 min 15 s"),
        (3599.9, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text", "rough"),
    [
        (0.0, "a few seconds", "a few seconds"),
        (7.0, "a few seconds", "a few seconds to 15 s"),
        (18.0, "about 20 s", "10 s to 40 s"),
        (44.0, "about 40 s", "20 s to 1 min"),
        (70.0, "about 1 min", "40 s to 2 min"),
        (400.0, "about 7 min", "3 min to 15 min"),
        (5000.0, "about 1.5 h", "40 min to 3 h"),
    ],
)
def test_time_left_is_as_coarse_as_it_is_known(seconds: float, text: str, rough: str) -> None:
    assert left_text(seconds, is_rough=False) == text
    assert left_text(seconds, is_rough=True) == rough


def test_counts() -> None:
    assert [counted(n, "epoch") for n in (0, 1, 1200)] == ["0 epochs", "1 epoch", "1,200 epochs"]


def test_hyperparameters() -> None:
    assert values_text({"learning_rate": 0.0051234, "depth": 2}) == "learning_rate=0.005123  depth=2"
    assert value_text("adam") == "adam"


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (Metric.ERROR, "error"),
        (Metric.LOG_LOSS, "log loss"),
        (Metric.BALANCED_ERROR, "balanced error"),
        (Metric.MACRO_F1, "macro F1"),
        (Metric.ROC_AUC, "ROC AUC"),
        (Metric.CALIBRATION_ERROR, "calibration error"),
        (Metric.RMSE, "RMSE"),
        (Metric.MAE, "MAE"),
        (Metric.R_SQUARED, "R²"),
    ],
)
def test_metrics(metric: Metric, name: str) -> None:
    assert metric_name(metric) == name


def test_a_watched_metric_is_named_where_it_is_another() -> None:
    assert metrics_text(Metric.ROC_AUC, Metric.ROC_AUC) == "ROC AUC"
    assert metrics_text(Metric.ROC_AUC, Metric.LOG_LOSS) == "ROC AUC, watching log loss"
