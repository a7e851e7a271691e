"""From noise to figures: the closed forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.winner.noise_floor.equal_rows import error_of_disagreement, figure_of_variance
from workers.metrics.metric import Metric


@given(st.floats(0, 0.5))
def test_two_draws_of_one_coin_give_its_error(p: float) -> None:
    assert error_of_disagreement(2 * p * (1 - p), 2) == pytest.approx(p, abs=1e-7)


@given(st.integers(2, 20), st.floats(0, 1))
def test_errors_that_are_spread_over_the_other_classes_are_found_again(k: int, share: float) -> None:
    error = share * (k - 1) / k
    own, other = 1 - error, error / (k - 1)
    disagreement = 1 - own**2 - (k - 1) * other**2
    assert error_of_disagreement(disagreement, k) == pytest.approx(error, abs=1e-6)


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=6))
def test_no_distribution_has_a_lower_error_than_is_said(weights: list[float]) -> None:
    shares = [weight / sum(weights) for weight in weights]
    disagreement = 1 - sum(share**2 for share in shares)
    assert error_of_disagreement(disagreement, len(shares)) <= 1 - max(shares) + 1e-9


def test_what_is_impossible_is_brought_back() -> None:
    assert error_of_disagreement(-0.1, 2) == 0
    assert error_of_disagreement(0.9, 2) == 0.5


def test_variance_is_the_square_of_an_rmse_and_a_share_of_r_squared() -> None:
    assert figure_of_variance(Metric.RMSE, 4.0, of_targets=9.0) == 2.0
    assert figure_of_variance(Metric.R_SQUARED, 4.0, of_targets=16.0) == 0.75
    assert figure_of_variance(Metric.RMSE, -1.0, of_targets=9.0) == 0.0
