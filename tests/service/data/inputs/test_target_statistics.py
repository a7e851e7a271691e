"""A category's mean target: smoothed, and for train rows taken of rows of other folds."""

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from sklearn.preprocessing import TargetEncoder

from service.data.inputs.categories import count_categories
from service.data.inputs.target_statistics import (
    OutOfFold,
    Targets,
    TargetStatisticsColumns,
    fit_target_statistics,
    standardized_targets,
)
from tests.service.data.inputs.frames import inputs_of

RANDOM = np.random.default_rng(0)
FRAME = pl.DataFrame({"street": [f"street {number}" for number in RANDOM.integers(0, 80, 400)]})
NUMBERS = RANDOM.normal(loc=50, scale=9, size=400)
BINARY = RANDOM.integers(0, 2, 400)
LATER = pl.DataFrame({"street": [*FRAME["street"].unique().sort(), "an alley"]})


def fit(
    y: NDArray[np.int64] | NDArray[np.float64], *, n_classes: int, frame: pl.DataFrame = FRAME, seed: int = 0
) -> tuple[TargetStatisticsColumns, list[OutOfFold]]:
    found = {name: count_categories(frame, name) for name in frame.columns}
    return fit_target_statistics(frame, found, targets=Targets(y, n_classes), seed=seed)


def test_the_mean_of_numbers_agrees_with_scikit_learn() -> None:
    columns, _ = fit(NUMBERS, n_classes=0)
    encoder = TargetEncoder(smooth=10.0, target_type="continuous").fit(FRAME.to_numpy(), NUMBERS)
    expected = (encoder.transform(LATER.to_numpy())[:, 0] - NUMBERS.mean()) / NUMBERS.std()
    np.testing.assert_allclose(inputs_of(columns, LATER)[:, 0], expected, rtol=1e-5, atol=1e-6)
    assert columns.input_names == ("street (mean of target)", "street (log-frequency)")


def test_the_share_of_a_class_agrees_with_scikit_learn() -> None:
    columns, _ = fit(BINARY, n_classes=2)
    encoder = TargetEncoder(smooth=10.0, target_type="binary").fit(FRAME.to_numpy(), BINARY)
    expected = (encoder.transform(LATER.to_numpy())[:, 0] - BINARY.mean()) / BINARY.std()
    np.testing.assert_allclose(inputs_of(columns, LATER)[:, 0], expected, rtol=1e-5, atol=1e-6)


def test_the_mean_is_the_same_in_any_unit_of_the_target() -> None:
    columns, others = fit(NUMBERS, n_classes=0)[0], fit(NUMBERS * 1e300 - 7e305, n_classes=0)[0]
    np.testing.assert_allclose(inputs_of(columns, LATER), inputs_of(others, LATER), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("n_classes", [0, 2, 3])
def test_a_train_row_s_mean_is_of_the_rows_of_other_folds(n_classes: int) -> None:
    y = NUMBERS if n_classes == 0 else np.random.default_rng(1).integers(0, n_classes, 400)
    _, [(start, means)] = fit(y, n_classes=n_classes, seed=4)
    T, _ = standardized_targets(Targets(y, n_classes))
    fold = np.random.default_rng(4).permutation(400) % 5
    street = FRAME["street"].to_numpy()
    expected = [
        (T[others & (street == street[row])].sum(axis=0) + 10 * T[others].mean(axis=0))
        / ((others & (street == street[row])).sum() + 10)
        for row in range(400)
        for others in [fold != fold[row]]
    ]
    assert start == 0
    np.testing.assert_allclose(means, expected, rtol=1e-5, atol=1e-6)


def test_a_train_row_s_own_target_does_not_move_its_mean() -> None:
    changed = BINARY.copy()
    changed[11] = 1 - changed[11]
    folds = np.random.default_rng(0).permutation(400) % 5
    before, after = (
        fit(y, n_classes=0, seed=0)[1][0].means
        for y in (BINARY.astype(np.float64), changed.astype(np.float64))
    )
    in_its_fold = folds == folds[11]
    scale = BINARY.std() / changed.std()
    shift = (BINARY.mean() - changed.mean()) / changed.std()
    np.testing.assert_allclose(after[in_its_fold], before[in_its_fold] * scale + shift, atol=1e-6)
    assert np.abs(after[~in_its_fold] - (before[~in_its_fold] * scale + shift)).max() > 1e-3


def test_a_target_of_nothing_but_noise_is_not_told_by_its_own_means() -> None:
    """Each street has one row, or a few: in-sample means would give the target away."""
    columns, [(_, means)] = fit(NUMBERS, n_classes=0)
    in_sample = inputs_of(columns, FRAME)[:, 0]
    assert np.corrcoef(in_sample, NUMBERS)[0, 1] > 0.3
    assert abs(np.corrcoef(means[:, 0], NUMBERS)[0, 1]) < 0.1


def test_the_classes_but_the_first_have_means_and_of_very_many_the_8_largest() -> None:
    y = np.repeat(np.arange(12), np.arange(12) + 20)[:400]
    assert standardized_targets(Targets(np.arange(4), 4))[1] == ("class 1", "class 2", "class 3")
    names = standardized_targets(Targets(y, 12))[1]
    assert names == tuple(f"class {index}" for index in range(4, 12))


def test_the_log_frequency_is_centered_over_rows_and_unseen_is_as_rare_as_the_rarest() -> None:
    columns, _ = fit(NUMBERS, n_classes=0)
    frequency = inputs_of(columns, FRAME)[:, 1]
    counts = FRAME.select(pl.len().over("street")).to_series().to_numpy()
    expected = np.log(counts) - np.log(counts).mean()
    np.testing.assert_allclose(frequency, expected / max(1, expected.std()), atol=1e-6)
    assert inputs_of(columns, LATER)[-1].tolist() == [0, frequency.min()]


def test_missing_cells_have_zeros_and_an_input_of_their_own() -> None:
    frame = FRAME.with_columns(street=pl.when(pl.int_range(pl.len()) % 9 > 0).then("street"), road="street")
    columns, out_of_fold = fit(BINARY, n_classes=2, frame=frame)
    assert columns.input_names == (
        "street (mean of class 1)",
        "street (log-frequency)",
        "street=(missing)",
        "road (mean of class 1)",
        "road (log-frequency)",
    )
    inputs = inputs_of(columns, frame)
    assert inputs[0, :3].tolist() == [0, 0, 1]
    assert not inputs[1:9, 2].any()
    assert [start for start, _ in out_of_fold] == [0, 3]
    assert out_of_fold[0].means[0].tolist() == [0]
