"""The interval of an area: its ends are those of Hanley and McNeil, and it covers as often as it says."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from service.uncertainty.areas import area_interval


def hanley_mcneil(area: float, n: int) -> float:
    """Return the standard error of an area with n rows of each kind, as Hanley and McNeil write it."""
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (n - 1) * (q1 - area**2) + (n - 1) * (q2 - area**2)
    return sqrt(variance / (n * n))


@given(st.floats(0.05, 0.95), st.integers(2, 5000))
def test_its_ends_are_the_areas_that_chance_just_explains(area: float, n: int) -> None:
    low, high = area_interval(area, n_negative=n, n_positive=n)
    z = norm.ppf(0.975)
    assert area - low == pytest.approx(z * hanley_mcneil(low, n), rel=1e-6)
    assert high - area == pytest.approx(z * hanley_mcneil(high, n), rel=1e-6)


@given(st.floats(0, 1), st.integers(1, 500), st.integers(1, 500))
def test_either_set_may_be_called_the_positive_one(area: float, m: int, k: int) -> None:
    low, high = area_interval(area, n_negative=m, n_positive=k)
    swapped = area_interval(1 - area, n_negative=k, n_positive=m)
    assert swapped == pytest.approx((1 - high, 1 - low), abs=1e-9)
    assert 0 <= low <= area <= high <= 1


def test_a_perfect_area_of_few_rows_is_not_certain() -> None:
    low, high = area_interval(1.0, n_negative=10, n_positive=10)
    assert high == 1
    assert 0.6 < low < 0.9
    assert area_interval(1.0, n_negative=1000, n_positive=1000).low > 0.99


@pytest.mark.parametrize(("shift", "m", "k"), [(0.0, 30, 30), (1.0, 20, 50), (2.5, 15, 15)])
def test_19_of_20_intervals_cover_the_truth(shift: float, m: int, k: int) -> None:
    rng = np.random.default_rng(0)
    truth, n_covered = norm.cdf(shift / sqrt(2)), 0
    for _ in range(600):
        negative, positive = rng.normal(size=m), rng.normal(shift, size=k)
        area = float((negative[:, np.newaxis] < positive).mean())
        low, high = area_interval(area, n_negative=m, n_positive=k)
        n_covered += low <= truth <= high
    assert 0.92 < n_covered / 600 < 0.99
