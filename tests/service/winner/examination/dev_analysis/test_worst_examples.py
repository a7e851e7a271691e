"""The worst examples: by log loss of their own class, or by their residual, the first row first of equals."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest

from service.winner.examination.dev_analysis.predicted_set import PredictedClasses, PredictedNumbers
from service.winner.examination.dev_analysis.worst_examples import worst_of_classes, worst_of_numbers
from tests.service.winner.examination.dev_analysis.predicted import classes, examples, numbers


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
        (3, "30000", "29999", pytest.approx(1.5)),
        (1, "1", "1.5", 0.5),
        (4, "4", "3.5", 0.5),
    ]


def test_there_are_20_at_most_and_none_where_nothing_is_lost() -> None:
    assert len(worst_of_numbers(numbers(np.zeros(50), np.arange(50)))) == 20
    assert worst_of_numbers(numbers([1, 2], [1, 2])) == ()
    assert worst_of_classes(classes([0, 1], [[1, 0], [0, 1]])) == ()


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
