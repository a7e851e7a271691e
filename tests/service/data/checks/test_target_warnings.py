"""Rare or similar classes, skewed targets and small dev sets are told where they begin, with a way out."""

import numpy as np
import pytest
from scipy.stats import binom, chi2, skew

from search_spaces.input_choices import InputChoices, TargetScale
from service.data.checks.target_warnings import (
    error_half_width,
    rare_classes,
    rmse_half_width,
    similar_classes,
    skewed_target,
    skewness,
    small_dev_set,
)
from service.tables.column_kinds import ColumnKind
from tests.service.data.checks.known_tables import N, known_data, noise


@pytest.mark.parametrize(("n_dev", "n_folds", "n_warnings"), [(599, 1, 1), (600, 1, 0), (100, 5, 0)])
def test_fewer_than_600_dev_examples_are_told(n_dev: int, n_folds: int, n_warnings: int) -> None:
    data = known_data({"x": noise(3000)}, n_dev=n_dev, n_folds=n_folds)
    assert len(list(small_dev_set(data))) == n_warnings


def test_folds_are_offered_with_what_they_judge_on() -> None:
    (warning,) = small_dev_set(known_data({"x": noise(500)}))
    assert "with 100 dev examples, an error of 10 % is known to ± 5.9 %" in warning.sentence
    assert warning.remedy == "--folds 5 evaluates each trial on all 500 known examples, in turn"
    (warning,) = small_dev_set(known_data({"x": noise(500)}, y=noise(500, seed=1), class_names=()))
    assert "with 100 dev examples, an RMSE is known to ± 14 % of itself" in warning.sentence


def test_rows_that_came_as_one_are_told_of_as_so_many_units() -> None:
    data = known_data({"x": noise(5000)}, units=np.arange(5000) // 25)  # 1,000 dev rows of 40 groups
    (warning,) = small_dev_set(data)
    assert "with 1,000 dev examples of 40 groups or records, an error of 10 % may be" in warning.sentence
    assert "known only to ± 9.3 %" in warning.sentence


def test_a_dev_file_cannot_be_folded_and_times_are_judged_one_after_the_other() -> None:
    (warning,) = small_dev_set(known_data({"x": noise(500)}, has_dev_file=True))
    assert "--folds" not in warning.remedy
    columns = {"x": noise(500), "when": np.arange(500)}
    (warning,) = small_dev_set(known_data(columns, said={"when": ColumnKind.TIME}))
    assert "all 500" not in warning.remedy
    assert warning.remedy.startswith("--folds 5 evaluates each trial on five periods of time")


@pytest.mark.parametrize("n", [100, 599, 5000])
def test_the_widths_are_those_of_the_binomial_and_of_chi_squared(n: int) -> None:
    low, high = binom.ppf([0.025, 0.975], n, 0.1) / n
    assert error_half_width(n) == pytest.approx((high - low) / 2, abs=1.5 / n)
    low, high = np.sqrt(chi2.ppf([0.025, 0.975], n) / n)
    assert rmse_half_width(n) == pytest.approx((high - low) / 2, rel=0.01)


@pytest.mark.parametrize(("n_rare", "expected"), [(29, ["class 'rare' has 29 known examples"]), (30, [])])
def test_a_class_with_fewer_than_30_known_examples_is_rare(n_rare: int, expected: list[str]) -> None:
    y = np.zeros(N, dtype=np.int64)
    y[:n_rare] = 1
    data = known_data({"x": noise(N)}, y=y, class_names=("often", "rare"))
    assert [warning.sentence for warning in rare_classes(data)] == expected


def test_classes_of_similar_names_are_named_with_their_known_examples() -> None:
    y = np.arange(N) % 4
    (warning,) = similar_classes(known_data({"x": noise(N)}, y=y, class_names=("YES", "Yes", "no", "yes")))
    assert warning.about == "similar classes"
    assert warning.sentence.endswith("'YES' (250), 'Yes' (250) and 'yes' (250)")
    assert (
        warning.remedy
        == "they count as different classes; if they mean the same, spell them alike in the file"
    )
    assert not list(similar_classes(known_data({"x": noise(N)}, class_names=("no", "yes"))))
    assert not list(similar_classes(known_data({"x": noise(N)}, y=noise(N), class_names=())))


def test_the_skewness_is_scipys() -> None:
    for numbers in (np.exp(noise(500)), noise(500) * 1e200, -np.exp(noise(50)) * 1e-200):
        assert skewness(numbers) == pytest.approx(skew(numbers / np.abs(numbers).max()), rel=1e-9)
    assert skewness(np.full(9, 0.0)) == 0


def test_the_logarithm_of_a_skewed_target_is_offered() -> None:
    y = np.exp(noise(N))
    (warning,) = skewed_target(known_data({"x": noise(N, seed=1)}, y=y, class_names=()))
    assert warning.remedy.endswith('[space.target_scale] choices = ["standard", "log"]')
    assert f"their skewness is {skew(y):.1f}" in warning.sentence


@pytest.mark.parametrize(
    ("y", "scale"),
    [
        pytest.param(np.exp(noise(N)), TargetScale.LOG, id="it is tried"),
        pytest.param(np.exp(noise(N)) - 0.5, TargetScale.STANDARD, id="not all are above 0"),
        pytest.param(np.exp(noise(N) / 4), TargetScale.STANDARD, id="hardly skewed"),
        pytest.param(10 - np.exp(noise(N) / 2), TargetScale.STANDARD, id="skewed to the other side"),
    ],
)
def test_the_logarithm_is_not_offered_elsewhere(y: np.ndarray, scale: TargetScale) -> None:
    choices = (InputChoices(), InputChoices(target_scale=scale))
    data = known_data({"x": noise(N, seed=1)}, y=y, class_names=(), choices=choices)
    assert list(skewed_target(data)) == []


def test_a_class_has_no_logarithm() -> None:
    assert list(skewed_target(known_data({"x": noise(N)}))) == []
