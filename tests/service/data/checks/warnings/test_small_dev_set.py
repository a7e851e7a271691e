"""How much a dev set's figure is off by luck is told where it is much, with a way out that there is."""

import numpy as np
import pytest
from scipy.stats import binom, chi2

from service.data.checks.warnings.targets import error_half_width, rmse_half_width, small_dev_set
from service.tables.column_kinds import ColumnKind
from tests.service.data.checks.known_tables import known_data, noise


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
