"""Two samples' p-values agree with SciPy's statistics, err to the safe side, and know no order."""

from math import e, exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, ks_2samp

from service.uncertainty.hypothesis_tests import p_of_categories, p_of_numbers, rejected

_SAMPLE = st.lists(st.integers(-5, 5), min_size=1, max_size=40).map(lambda some: np.array(some, np.float64))


@given(_SAMPLE, _SAMPLE)
def test_the_distance_of_numbers_is_that_of_kolmogorov_and_smirnov(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> None:
    d, n, m = ks_2samp(first, second).statistic, len(first), len(second)
    assert p_of_numbers(first, second) == pytest.approx(min(1.0, e * exp(-2 * d * d * n * m / (n + m))))
    assert p_of_numbers(first, second) == p_of_numbers(second[::-1], first[::-1])


@pytest.mark.parametrize(("n", "m"), [(10, 10), (40, 12), (300, 300), (500, 40)])
def test_no_distance_of_numbers_is_called_rarer_than_it_is(n: int, m: int) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        first, second = rng.normal(size=n), rng.normal(1, size=m)
        assert p_of_numbers(first, second) >= ks_2samp(first, second, method="exact").pvalue


def test_counts_of_categories_are_compared_by_chi_square() -> None:
    first, second = np.array([30, 12, 8]), np.array([10, 20, 9])
    expected = chi2_contingency([first, second], correction=False).pvalue
    assert p_of_categories(first, second) == pytest.approx(expected)
    assert p_of_categories(second[::-1], first[::-1]) == p_of_categories(first, second)


def test_rare_categories_are_counted_as_one() -> None:
    first, second = np.array([50, 50, 1, 2, 3, 4, 5, 6]), np.array([20, 60, 3, 2, 1, 2, 0, 5])
    pooled = [[50, 50, 21], [20, 60, 13]]
    assert p_of_categories(first, second) == pytest.approx(chi2_contingency(pooled, correction=False).pvalue)
    without = [[50, 50], [20, 60]]  # where even together they are too rare, they are left out
    assert p_of_categories(first[:3], second[:3]) == pytest.approx(
        chi2_contingency(without, correction=False).pvalue
    )


def test_where_there_is_nothing_to_compare_nothing_is_apart() -> None:
    nothing, some = np.empty(0), np.arange(5.0)
    assert p_of_numbers(nothing, some) == p_of_numbers(some, nothing) == 1
    assert p_of_categories(np.array([0, 0]), np.array([20, 30])) == 1
    assert p_of_categories(np.array([40]), np.array([30])) == 1
    assert p_of_categories(np.ones(20, np.int64), np.ones(20, np.int64)) == 1


def test_holm_rejects_the_smallest_as_bonferroni_does_and_goes_on() -> None:
    p = np.array([0.9, 0.02, 0.001, 0.0166, 0.03])
    assert rejected(p, 0.05).tolist() == [False, False, True, False, False]
    assert rejected(np.array([0.02, 0.01, 0.04]), 0.05).tolist() == [True, True, True]
    assert rejected(np.empty(0), 0.05).tolist() == []
