"""The best power law of some figures: found where it is known, within its bounds, whatever the figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import least_squares

from service.winner.learning_curve.forecasting import LIKELY_EXPONENT, LIKELY_FACTOR, fit_power_laws

N = np.array([100.0, 200.0, 400.0, 800.0])


def law(n: NDArray[np.float64], floor: float, scale: float, exponent: float) -> NDArray[np.float64]:
    return np.asarray(floor + scale * n**-exponent)


@pytest.mark.parametrize("exponent", [0.1, 0.35, 0.5, 0.9, 1.7])
@pytest.mark.parametrize("floor", [-0.9, 0.0, 0.05])
def test_exact_figures_give_back_their_law(floor: float, exponent: float) -> None:
    figures = law(N, floor, 2.0, exponent)
    found = fit_power_laws(N, figures[np.newaxis], variances=np.full(4, 1e-14), lowest=-1.0)

    assert found.exponent[0] == pytest.approx(exponent, rel=0.01), "neighbours on the grid differ by 1.3 %"
    for n in (50.0, 1600.0, 8000.0):
        assert found.at(n)[0] == pytest.approx(
            law(np.array([n]), floor, 2.0, exponent)[0], rel=0.02, abs=0.01
        )


@given(
    figures=st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4),
    deviations=st.lists(st.floats(0.001, 0.1), min_size=4, max_size=4),
)
def test_no_law_within_the_bounds_is_better(figures: list[float], deviations: list[float]) -> None:
    """SciPy's search, from several starts, comes no lower, but for what lies between the grid's exponents."""
    y, sigma = np.array(figures), np.array(deviations)
    found = fit_power_laws(N, y[np.newaxis], variances=sigma**2, lowest=0.0)

    def residuals(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        floor, scale, exponent = parameters
        unlikely = np.log(exponent / LIKELY_EXPONENT) / np.log(LIKELY_FACTOR)
        return np.append((y - floor - scale * (N / 800) ** -exponent) / sigma, unlikely)

    own = np.array([found.floor[0], found.scale[0], found.exponent[0]])
    assert own[0] >= 0
    assert own[1] >= 0
    assert 0.01 <= own[2] <= 2
    least = min(
        least_squares(residuals, [0.1, 0.1, start], bounds=([0, 0, 0.01], [2, 2, 2])).cost
        for start in (0.1, 0.5, 1.5)
    )
    assert (residuals(own) ** 2).sum() / 2 <= least * 1.001 + 1e-3


def test_sets_of_figures_are_fitted_each_for_itself() -> None:
    figures = np.random.default_rng(0).uniform(0.1, 0.5, (50, 4))
    together = fit_power_laws(N, figures, variances=np.full(4, 1e-4), lowest=0.0)
    for one in range(50):
        alone = fit_power_laws(N, figures[[one]], variances=np.full(4, 1e-4), lowest=0.0)
        assert together.exponent[one] == alone.exponent[0]
        assert together.floor[one] == pytest.approx(alone.floor[0], abs=1e-12)


def test_an_exact_figure_weighs_more_than_a_vague_one() -> None:
    figures = law(N, 0.1, 2.0, 0.5)
    bent = figures + np.array([0.05, 0.0, 0.0, 0.0])
    vague_at_first = fit_power_laws(
        N, bent[np.newaxis], variances=np.array([1e-2, 1e-8, 1e-8, 1e-8]), lowest=0.0
    )
    exact_at_first = fit_power_laws(
        N, bent[np.newaxis], variances=np.array([1e-8, 1e-2, 1e-2, 1e-2]), lowest=0.0
    )
    assert abs(vague_at_first.at(100.0)[0] - bent[0]) > 0.03
    assert abs(exact_at_first.at(100.0)[0] - bent[0]) < 0.001


def test_where_figures_tell_little_the_exponent_is_a_likely_one() -> None:
    figures = law(N, 0.1, 2.0, 1.5)[np.newaxis]
    found = fit_power_laws(N, figures, variances=np.full(4, 100.0), lowest=0.0)
    assert found.exponent[0] == pytest.approx(LIKELY_EXPONENT, rel=0.05)
