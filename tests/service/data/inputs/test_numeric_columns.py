"""Numbers: a missing cell is the median and told, an infinity the farthest number; four ways to scale."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import QuantileTransformer, RobustScaler, StandardScaler

from search_spaces.input_choices import InputChoices, NumericScaling
from service.data.inputs.column_statistics import summarize
from service.data.inputs.numeric_columns import (
    NumericColumns,
    RobustScaling,
    StandardScaling,
    fit_numeric_columns,
    fit_piecewise_linear,
    fit_quantile_scaling,
    fit_robust_scaling,
    fit_standard_scaling,
)
from service.tables.column_kinds import ColumnKind
from service.tables.table import load_table
from tests.service.data.inputs.frames import dates, inputs_of


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


finite = st.floats(allow_nan=False, allow_infinity=False)


def plain(
    X: NDArray[np.float64], *, kind: ColumnKind = ColumnKind.IMAGE
) -> tuple[NumericColumns, pl.DataFrame]:
    """Fit on the very columns of X: an image's columns are all kept."""
    frame = pl.DataFrame({f"x{j}": X[:, j] for j in range(X.shape[1])})
    assert kind in (ColumnKind.IMAGE, ColumnKind.NUMERIC)
    return fit_numeric_columns(frame, frame.columns, kind=kind, choices=InputChoices())[0], frame


def by_hand(X: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scale by mean and deviation, of columns divided by their largest magnitude so that none overflows."""
    scale = np.abs(X).max(axis=0)
    scale[scale == 0] = 1
    mean, deviation = (X / scale).mean(axis=0) * scale, (X / scale).std(axis=0) * scale
    deviation[deviation < np.finfo(np.float64).smallest_normal] = 1
    largest = np.finfo(np.float32).max
    with np.errstate(over="ignore"):
        z: NDArray[np.float64] = (X / 2 - mean / 2) / (deviation / 2)
    return np.clip(z, -largest, largest).astype(np.float32)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits", "diabetes"])
def test_complete_numbers_are_scaled_to_the_last_bit_by_the_formula(name: str) -> None:
    table = load_table(name)
    X = np.ascontiguousarray(table.frame.select(table.feature_names).to_numpy()[:100])
    columns, frame = plain(X)
    np.testing.assert_array_equal(inputs_of(columns, frame), by_hand(X))


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=finite))
def test_any_numbers_are_scaled_to_the_last_bit_by_the_formula(X: NDArray[np.float64]) -> None:
    columns, frame = plain(X)
    np.testing.assert_array_equal(inputs_of(columns, frame), by_hand(X))


@pytest.mark.parametrize("n_columns", [2, 3, 65, 130])
def test_a_column_is_scaled_the_same_whatever_stands_beside_it(n_columns: int) -> None:
    X = np.random.default_rng(0).normal(size=(60_000 // n_columns, n_columns))
    together, pairs = fit_standard(X), [fit_standard(X[:, [j, j - 1]]) for j in range(n_columns)]
    np.testing.assert_array_equal(together.mean, [pair.mean[0] for pair in pairs])
    np.testing.assert_array_equal(together.deviation, [pair.deviation[0] for pair in pairs])


@pytest.mark.parametrize("n_columns", [1, 2, 7, 65])
def test_tables_larger_than_the_rows_read_at_once_are_normalized_to_the_last_bit(n_columns: int) -> None:
    X = np.random.default_rng(0).lognormal(size=(700_000 // n_columns // 3, n_columns))
    columns, frame = plain(X)
    np.testing.assert_array_equal(inputs_of(columns, frame), by_hand(X))


def test_cells_that_are_no_finite_number_are_not_counted() -> None:
    X = np.array([[1.0, 5.0], [np.nan, 7.0], [np.inf, -np.inf], [4.0, np.nan], [2.0, 9.0]])
    fitted = fit_standard(X)
    expected = StandardScaler().fit(np.where(np.isinf(X), np.nan, X))
    np.testing.assert_allclose(fitted.mean, expected.mean_, rtol=1e-14)
    np.testing.assert_allclose(fitted.deviation, expected.scale_, rtol=1e-14)


def fit_standard(X: NDArray[np.float64]) -> StandardScaling:
    numbers = pl.DataFrame(X, nan_to_null=True)
    return fit_standard_scaling(numbers, summarize(numbers))


def fit_robust(*column: float) -> RobustScaling:
    numbers = pl.DataFrame({"x": column}, schema={"x": pl.Float64})
    return fit_robust_scaling(numbers, summarize(numbers))


def test_before_the_clip_it_agrees_with_scikit_learn() -> None:
    X = np.random.default_rng(0).lognormal(size=(501, 3))
    numbers = pl.DataFrame(X)
    z = RobustScaler().fit_transform(X)
    scaled = fit_robust_scaling(numbers, summarize(numbers)).apply(X.copy())
    np.testing.assert_allclose(scaled, z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-12)


def test_where_the_quartiles_agree_half_of_the_range_stands_in() -> None:
    scaling = fit_robust(0, 0, 0, 0, 0, 0, 0, 8)
    assert scaling.spread.tolist() == [4]
    np.testing.assert_allclose(scaling.apply(np.array([[8.0]])), 2 / np.sqrt(1 + (2 / 3) ** 2))


def test_a_range_too_small_for_a_number_does_not_divide_by_zero() -> None:
    assert fit_robust(0, 5e-324, 5e-324, 1e-323).spread.tolist() == [1]


def test_a_range_too_large_for_a_number_stays_finite() -> None:
    scaled = fit_robust(-1.7e308, -1.7e308, 1.7e308, 1.7e308).apply(np.array([[-1.7e308], [0.0], [1.7e308]]))
    assert np.isfinite(scaled).all()
    assert (np.diff(scaled[:, 0]) > 0).all()


@given(
    arrays(np.float64, st.integers(2, 20), elements=st.floats(allow_nan=False, allow_infinity=False)),
    arrays(np.float64, (9, 1), elements=st.floats(allow_nan=False, allow_infinity=False)),
)
def test_it_keeps_the_order_of_any_numbers_and_stays_within_3(
    train: NDArray[np.float64], later: NDArray[np.float64]
) -> None:
    scaled = fit_robust(*train).apply(np.sort(later, axis=0))
    assert (np.diff(scaled[:, 0]) >= -1e-15).all()
    assert np.abs(scaled).max() <= 3


def scaled(train: NDArray[np.float64], later: NDArray[np.float64]) -> NDArray[np.float64]:
    return fit_quantile_scaling(pl.DataFrame({"x": train})).apply(later.reshape(-1, 1).copy())[:, 0]


@pytest.mark.parametrize("n_rows", [50, 1000, 20_000])
def test_it_agrees_with_scikit_learn_but_in_the_tails(n_rows: int) -> None:
    random = np.random.default_rng(1)
    train, later = random.lognormal(size=n_rows), random.lognormal(size=500)
    transformer = QuantileTransformer(
        n_quantiles=min(1000, n_rows), output_distribution="normal", subsample=None
    )
    expected = transformer.fit(train.reshape(-1, 1)).transform(later.reshape(-1, 1))[:, 0]
    inner = np.abs(expected) < 2
    assert inner.sum() > 400
    np.testing.assert_allclose(
        scaled(train, later)[inner], expected[inner], atol=0.1 if n_rows < 100 else 0.01
    )


def test_train_cells_get_the_normal_scores_of_their_ranks() -> None:
    train = np.array([3.0, 1e300, -7.0, 0.5, 20.0])
    expected = norm.ppf([0.5, 1, 0, 0.25, 0.75]).clip(-3, 3)
    np.testing.assert_allclose(scaled(train, train), expected, atol=1e-12)


def test_equal_cells_have_the_score_of_their_mean_rank() -> None:
    train = np.array([0.0] * 70 + [1.0] * 31)
    np.testing.assert_allclose(scaled(train, np.array([0.0, 1.0])), norm.ppf([0.345, 0.85]), atol=1e-12)


def test_numbers_outside_the_train_set_s_range_have_the_last_score() -> None:
    train = np.linspace(-1, 1, 11)
    assert scaled(train, np.array([-1e308, 1e308])).tolist() == [-3, 3]


def test_a_range_too_large_for_a_number_keeps_its_order() -> None:
    train = np.array([-1.7e308, 1.7e308, 1.6e308])
    scores = scaled(train, np.array([-1.7e308, -1e308, 0.0, 1e308, 1.65e308, 1.7e308]))
    assert (np.diff(scores) > 0).all()


def test_no_more_than_1001_quantiles_are_kept() -> None:
    fitted = fit_quantile_scaling(pl.DataFrame({"x": np.arange(5000.0), "is": [0.0, 1.0] * 2500}))
    assert fitted.n_points.tolist() == [1001, 2]


def test_a_cell_between_two_of_the_smallest_numbers_stays_between_their_scores() -> None:
    """As a missing cell does, whose median is half of 1e-310: the slope there is more than a float holds."""
    train = np.array([0.0, 1e-310])
    np.testing.assert_allclose(scaled(train, np.array([0, 5e-311, 1e-310])), [-3, 0, 3], atol=1e-9)


def test_the_edges_are_the_quantiles_that_are_cells() -> None:
    train = np.random.default_rng(0).normal(size=333)
    fitted = fit_piecewise_linear(pl.DataFrame({"x": train}))
    expected = np.quantile(train, np.linspace(0, 1, 17), method="lower")
    np.testing.assert_array_equal(fitted.half_edges * 2, expected)


def test_a_bin_is_minus_1_before_1_after_and_the_way_between_within() -> None:
    fitted = fit_piecewise_linear(pl.DataFrame({"x": np.arange(17.0)}))
    encoded = fitted.apply(np.array([[-5.0], [3.0], [3.25], [99.0]]))
    assert encoded[0].tolist() == [-1] * 16
    assert encoded[1].tolist() == [1] * 3 + [-1] * 13
    assert encoded[2].tolist() == [1] * 3 + [-0.5] + [-1] * 12
    assert encoded[3].tolist() == [1] * 16


def test_quantiles_that_agree_are_one_edge_and_columns_stand_side_by_side() -> None:
    fitted = fit_piecewise_linear(
        pl.DataFrame({"is": [0.0, 1.0] * 50, "x": [float(x) for x in range(100)], "most": [0.0] * 99 + [5.0]})
    )
    assert fitted.n_edges.tolist() == [2, 17, 2]
    names = fitted.input_names(("is", "x", "most"))
    assert (names[0], names[1], names[16], names[17]) == (
        "is (bin 1 of 1)",
        "x (bin 1 of 16)",
        "x (bin 16 of 16)",
        "most (bin 1 of 1)",
    )
    encoded = fitted.apply(np.array([[1.0, -1.0, 2.5]]))
    assert encoded.tolist() == [[1.0] + [-1.0] * 16 + [0.0]]


@given(
    arrays(np.float64, st.integers(2, 40), elements=finite),
    arrays(np.float64, (9, 1), elements=finite),
)
def test_any_number_s_inputs_lie_within_1_and_never_fall(
    train: NDArray[np.float64], later: NDArray[np.float64]
) -> None:
    encoded = fit_piecewise_linear(pl.DataFrame({"x": train})).apply(np.sort(later, axis=0))
    assert np.isfinite(encoded).all()
    assert (np.abs(encoded) <= 1).all()
    assert (np.diff(encoded, axis=0) >= 0).all()
