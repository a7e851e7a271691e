"""An example's loss: over all examples its mean is the study's metric, or the one nearest to it.

Cells, numbers and dates in an analysis: short, and different where they differ. The worst examples: by
log loss of their own class, or by their residual, the first row first of equals.
"""

from datetime import datetime

import numpy as np
import polars as pl
import pytest

from service.winner.examination.dev_analysis.predicted_examples import (
    LOSS_OF,
    PredictedClasses,
    PredictedNumbers,
    date_texts,
    losses_of_classes,
    losses_of_numbers,
    number_text,
    number_texts,
    shortened,
    worst_of_classes,
    worst_of_numbers,
)
from service.winner.examination.dev_analysis.values import ExampleLoss
from tests.service.winner.examination.dev_analysis.predicted import classes, examples, numbers
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, measure

SUMMED = {
    Metric.ERROR: Metric.ERROR,
    Metric.BALANCED_ERROR: Metric.BALANCED_ERROR,
    Metric.MACRO_F1: Metric.BALANCED_ERROR,
    Metric.LOG_LOSS: Metric.LOG_LOSS,
    Metric.ROC_AUC: Metric.LOG_LOSS,
    Metric.CALIBRATION_ERROR: Metric.LOG_LOSS,
}


def test_every_metric_has_its_loss() -> None:
    assert LOSS_OF.keys() == set(Metric)


@pytest.mark.parametrize(("metric", "mean"), SUMMED.items())
def test_the_mean_over_a_classification_is_the_metric(metric: Metric, mean: Metric) -> None:
    rng = np.random.default_rng(0)
    y = rng.choice(3, p=[0.7, 0.3, 0], size=200).tolist()  # of the third class there is no example
    predicted = classes(y, rng.dirichlet(np.ones(3), size=200))
    losses, weights, _ = losses_of_classes(predicted, LOSS_OF[metric])
    figure = measure(mean, predicted.probabilities, predicted.y, target_deviation=1.0, rule=MOST_PROBABLE)
    assert np.average(losses, weights=weights) == pytest.approx(figure)
    assert weights.mean() == pytest.approx(1)


def test_the_mean_over_a_regression_is_the_metric() -> None:
    rng = np.random.default_rng(0)
    predicted = numbers(rng.normal(size=50), rng.normal(size=50))
    for metric, power in ((Metric.RMSE, 2), (Metric.MAE, 1)):
        losses, weights, _ = losses_of_numbers(predicted, LOSS_OF[metric])
        figure = measure(metric, predicted.predictions, predicted.y, target_deviation=1.0, rule=MOST_PROBABLE)
        assert np.average(losses, weights=weights) == pytest.approx(figure**power)
    assert LOSS_OF[Metric.R_SQUARED] is ExampleLoss.SQUARED_ERROR


def test_no_square_is_infinite() -> None:
    assert np.isfinite(losses_of_numbers(numbers([0, 1], [1e300, 1]), ExampleLoss.SQUARED_ERROR).losses).all()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (3.0, "3"),
        (2008.0, "2008"),
        (3.14159265, "3.1416"),
        (215432.7, "215,433"),
        (1234567.0, "1,234,567"),
        (-0.000012345678, "-1.2346e-05"),
        (-0.0, "0"),
        (1e300, "1e+300"),
        (float("-inf"), "-inf"),
    ],
)
def test_a_number_has_five_digits_or_all_up_to_its_point(number: float, text: str) -> None:
    assert number_text(number) == text


def test_numbers_that_five_digits_do_not_tell_apart_have_all_of_theirs() -> None:
    assert number_texts([1.5, 2.5]) == ["1.5", "2.5"]
    assert number_texts([1.5, 1.5]) == ["1.5", "1.5"]
    assert number_texts([1.5, 1.500001]) == ["1.5", "1.5000009999999999"]


def test_a_date_has_a_time_of_day_unless_all_are_midnights() -> None:
    day = 86_400_000_000
    assert date_texts([0, day]) == ["1970-01-01", "1970-01-02"]
    assert date_texts([0, day + 61_000_000]) == ["1970-01-01 00:00:00", "1970-01-02 00:01:01"]
    assert date_texts([-(2**55)])[0].startswith("0828-")


def test_a_long_text_ends_after_60_characters_and_is_else_as_it_was() -> None:
    assert shortened("a\x1b[31m<b>") == "a\x1b[31m<b>"
    assert shortened("x" * 60) == "x" * 60
    assert shortened("x" * 61) == "x" * 59 + "…"


def test_classes_are_ranked_by_the_probability_of_the_true_one() -> None:
    P = np.array([[0.9, 0.1, 0], [0.2, 0.7, 0.1], [0, 1, 0], [0.5, 0.45, 0.05]])
    found = worst_of_classes(classes([0, 0, 1, 2], P))
    assert [(each.row, each.actual, each.predicted) for each in found] == [
        (4, "c", "a"),
        (2, "a", "b"),
        (1, "a", "a"),
    ]
    assert found[0].loss == pytest.approx(-np.log(0.05))
    assert {each.file for each in found} == {"table.csv"}


def test_a_probability_of_0_is_a_finite_loss() -> None:
    (only,) = worst_of_classes(classes([0], [[0, 1]]))
    assert only.loss == pytest.approx(87.3, abs=0.1)


def test_numbers_are_ranked_by_the_size_of_the_residual() -> None:
    found = worst_of_numbers(numbers([1, 2, 30000.4, 4], [1.5, 2, 29998.9, 3.5]))
    assert [(each.row, each.actual, each.predicted, each.loss) for each in found] == [
        (3, "30,000", "29,999", pytest.approx(1.5)),
        (1, "1", "1.5", 0.5),
        (4, "4", "3.5", 0.5),
    ]


def test_there_are_20_at_most_and_none_where_nothing_is_lost() -> None:
    assert len(worst_of_numbers(numbers(np.zeros(50), np.arange(50)))) == 20
    assert worst_of_numbers(numbers([1, 2], [1, 2])) == ()
    assert worst_of_classes(classes([0, 1], [[1, 0], [0, 1]])) == ()


def test_a_target_has_commas_from_a_thousand_on_as_all_figures_of_its_unit() -> None:
    (found,) = worst_of_numbers(numbers([1234.56], [-9876.5]))
    assert (found.actual, found.predicted) == ("1,234.6", "-9,876.5")


def test_a_row_is_that_of_the_file_and_a_long_class_is_cut() -> None:
    of_rows = examples(2, rows=[70, 900])
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2]])
    long = PredictedClasses(of_rows, np.array([0, 1]), probabilities, np.array([0, 0]), ("x" * 99, "y"), None)
    assert [each.row for each in worst_of_classes(long)] == [900, 70]
    assert worst_of_classes(long)[0].predicted == "x" * 59 + "…"
    off = PredictedNumbers(of_rows, np.array([0.0, 0.0]), np.array([1.0, 2.0]), None)
    assert [each.row for each in worst_of_numbers(off)] == [900, 70]


def test_a_row_shows_its_ids_and_some_of_its_cells() -> None:
    values = pl.DataFrame({"town": ["Ghent", None], **{f"c{place}": [1.25, 1 / 3] for place in range(20)}})
    of_rows = examples(2, values, ids=pl.DataFrame({"case": ["A-1", "A-2"]}))
    off = PredictedNumbers(of_rows, np.array([0.0, 0.0]), np.array([1.0, 2.0]), None)
    second, first = worst_of_numbers(off)
    assert list(first.cells) == ["case", "town", *(f"c{place}" for place in range(8))]
    assert (first.cells["case"], first.cells["town"], first.cells["c0"]) == ("A-1", "Ghent", "1.25")
    assert (second.cells["town"], second.cells["c0"]) == (None, "0.33333")


def test_days_and_yes_or_no_are_shown_as_people_write_them() -> None:
    values = pl.DataFrame(
        {"furnished": [True, False], "day": [datetime(2030, 1, 2), datetime(2030, 1, 2, 12, 30)]}  # noqa: DTZ001
    )
    off = PredictedNumbers(examples(2, values), np.array([0.0, 0.0]), np.array([1.0, 2.0]), None)
    second, first = (each.cells for each in worst_of_numbers(off))
    assert (first["furnished"], first["day"]) == ("yes", "2030-01-02")
    assert (second["furnished"], second["day"]) == ("no", "2030-01-02 12:30:00")
