"""Numbers: a missing cell is the median and told, an infinity the farthest finite number."""

import numpy as np
import polars as pl
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from search_spaces.hyperparameters import InputChoices, NumericScaling
from service.data.preparation.inputs.column_statistics import summarize
from service.data.preparation.inputs.numeric_columns import fit_numeric_columns
from service.tables.column_kinds import ColumnKind
from tests.service.data.preparation.inputs.frames import dates, inputs_of


def test_missing_cells_are_the_median_of_the_others_and_told() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(101, 3))
    X[random.random(X.shape) < 0.2] = np.nan
    frame = pl.DataFrame(X, schema=["a", "b", "c"], nan_to_null=True)
    columns, dropped = fit_numeric_columns(
        frame, frame.columns, kind=ColumnKind.NUMERIC, choices=InputChoices()
    )
    imputed = SimpleImputer(strategy="median", add_indicator=True).fit_transform(X)
    scaler = StandardScaler().fit(X)  # which counts no missing cell
    expected = np.hstack([scaler.transform(imputed[:, :3]), imputed[:, 3:]])
    np.testing.assert_allclose(inputs_of(columns, frame), expected, rtol=1e-6, atol=1e-7)
    assert columns.input_names == ("a", "b", "c", "a is missing", "b is missing", "c is missing")
    assert dropped == {}


def test_what_misses_later_alone_is_the_median_and_not_told() -> None:
    train = pl.DataFrame({"x": [0.0, 1.0, 5.0]})
    columns, _ = fit_numeric_columns(train, ["x"], kind=ColumnKind.NUMERIC, choices=InputChoices())
    later = pl.DataFrame({"x": [None, 1.0]}, schema={"x": pl.Float64})
    assert columns.input_names == ("x",)
    missing, median = inputs_of(columns, later)[:, 0].tolist()
    assert missing == median


def test_infinities_are_the_farthest_finite_cells_of_the_train_set() -> None:
    train = pl.DataFrame({"x": [np.inf, 1.0, 5.0, -2.0, -np.inf]})
    columns, _ = fit_numeric_columns(train, ["x"], kind=ColumnKind.NUMERIC, choices=InputChoices())
    Z = inputs_of(columns, pl.DataFrame({"x": [np.inf, 5.0, -np.inf, -2.0, 9.0]}))[:, 0]
    assert (Z[0], Z[2]) == (Z[1], Z[3])
    assert Z[4] > Z[0]


def test_what_float32_cannot_hold_is_its_largest_number() -> None:
    train = pl.DataFrame({"x": [0.0, 2.0]})
    columns, _ = fit_numeric_columns(train, ["x"], kind=ColumnKind.NUMERIC, choices=InputChoices())
    Z = inputs_of(columns, pl.DataFrame({"x": [1e300, -1.7e308]}))[:, 0]
    assert Z.tolist() == [np.finfo(np.float32).max, np.finfo(np.float32).min]


def test_a_column_of_one_number_and_gaps_is_told_by_its_gaps_alone() -> None:
    train = pl.DataFrame({"x": [3.0, None, 3.0]})
    columns, dropped = fit_numeric_columns(train, ["x"], kind=ColumnKind.NUMERIC, choices=InputChoices())
    assert (columns.input_names, dropped) == (("x is missing",), {})
    assert inputs_of(columns, train)[:, 0].tolist() == [0, 1, 0]


@pytest.mark.parametrize("scaling", NumericScaling)
def test_booleans_days_and_images_are_standardised_whatever_numbers_are(scaling: NumericScaling) -> None:
    frame = pl.DataFrame(
        [
            pl.Series("is", [True, False, False, None]),
            dates("2024-01-01", "2024-01-02", "2024-01-06T12:00", None),
            pl.Series("pixel", [0.0, 0.0, 0.0, None]),
        ]
    )
    choices = InputChoices(numeric_scaling=scaling)
    booleans, _ = fit_numeric_columns(frame, ["is"], kind=ColumnKind.BOOLEAN, choices=choices)
    expected = np.array([[np.sqrt(2), -np.sqrt(0.5), -np.sqrt(0.5), -np.sqrt(0.5)], [0, 0, 0, 1]])
    np.testing.assert_allclose(inputs_of(booleans, frame).T, expected, rtol=1e-6)
    days, _ = fit_numeric_columns(frame, ["sold"], kind=ColumnKind.DATE, choices=choices)
    assert days.input_names == ("sold (days)", "sold is missing")
    scaled = (np.array([0, 1, 5.5, 1]) - 6.5 / 3) / np.std([0, 1, 5.5])
    np.testing.assert_allclose(inputs_of(days, frame)[:, 0], scaled, rtol=1e-5)
    pixels, dropped = fit_numeric_columns(frame, ["pixel"], kind=ColumnKind.IMAGE, choices=choices)
    assert (pixels.input_names, dropped) == (("pixel",), {})
    assert not inputs_of(pixels, frame).any()


def test_the_summary_is_of_finite_cells_and_does_not_overflow() -> None:
    numbers = pl.DataFrame(
        {"huge": [1.7e308, 1.6e308, None, np.inf], "none": [None, None, np.inf, np.nan]},
        schema={"huge": pl.Float64, "none": pl.Float64},
    )
    summary = summarize(numbers)
    np.testing.assert_array_equal(summary.lowest, [1.6e308, np.nan])
    np.testing.assert_array_equal(summary.highest, [1.7e308, np.nan])
    np.testing.assert_allclose(summary.median, [1.65e308, np.nan])
    assert summary.n_missing.tolist() == [1, 3]
