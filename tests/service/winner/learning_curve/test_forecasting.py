"""What more data would bring: planted laws are found within their intervals, and nothing where nothing is."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from service.winner.learning_curve.forecasting import Forecasts, forecast
from service.winner.learning_curve.part_figures import DevSet, PartFigures
from tests.service.winner.learning_curve.curves import N_EXAMPLES, error_figures
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric

N = np.array(N_EXAMPLES, dtype=float)


def figures_of(rates: NDArray[np.float64], *, n_dev: int, seed: int, n_seeds: int = 3) -> Forecasts:
    rng = np.random.default_rng(seed)
    parts, y = error_figures(rates, n_dev=n_dev, n_seeds=n_seeds, rng=rng)
    return forecast(Metric.ERROR, parts, DevSet(y, None, MOST_PROBABLE), dev_standard_error=0.01, seed=seed)


def planted(n: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(0.03 + 2.5 * np.asarray(n) ** -0.5)


def exact(metric: Metric, figures: Sequence[float], *, dev_standard_error: float = 0.01) -> Forecasts:
    """Forecast from figures without noise: of three seeds alike, on a dev set that is all alike."""
    parts = [
        PartFigures(n, np.full(3, metric.badness(figure)), np.tile([0.9, 0.1], (3, 20, 1)))
        for n, figure in zip(N_EXAMPLES, figures, strict=True)
    ]
    y = np.zeros(20, dtype=np.int64)
    return forecast(
        metric, parts, DevSet(y, None, MOST_PROBABLE), dev_standard_error=dev_standard_error, seed=0
    )


def test_planted_laws_lie_in_their_intervals_as_often_as_is_said() -> None:
    found = [figures_of(planted(N), n_dev=1000, seed=seed) for seed in range(100)]
    assert all(each.fit for each in found)
    for place, factor in enumerate((2, 10)):
        truth = float(planted(factor * 1000.0))
        covered = [low <= truth <= high for low, high in (each.forecasts[place].interval for each in found)]
        assert sum(covered) >= 90
    middle = np.median([each.forecasts[0].figure for each in found])
    assert middle == pytest.approx(float(planted(2000.0)), rel=0.05)
    widths = [high - low for low, high in (each.forecasts[0].interval for each in found)]
    assert np.median(widths) < 0.06, "an interval that holds everything says nothing"


def test_a_flat_curve_gives_no_fit_but_by_chance() -> None:
    found = [figures_of(np.full(4, 0.2), n_dev=500, seed=seed) for seed in range(100)]
    without = [each for each in found if each.fit is None]
    assert len(without) >= 92
    assert all((each.forecasts, each.flat_from) == ((), None) for each in without)
    assert without[0].why_not == "from 125 to 1,000 train examples it gains nothing beyond chance"


def test_a_curve_that_rises_gives_no_fit() -> None:
    assert exact(Metric.ERROR, [0.1, 0.2, 0.3, 0.4]).fit is None


def test_two_parts_are_no_curve() -> None:
    rng = np.random.default_rng(0)
    parts, y = error_figures(planted(N), n_dev=100, n_seeds=3, rng=rng)
    found = forecast(Metric.ERROR, parts[2:], DevSet(y, None, MOST_PROBABLE), dev_standard_error=0.01, seed=0)
    assert (found.fit, found.why_not) == (None, "a curve needs figures at 3 sizes of the train set, got 2")


def test_an_exact_curve_is_followed_exactly() -> None:
    found = exact(Metric.ERROR, planted(N).tolist())
    assert found.fit is not None
    assert found.why_not is None
    assert found.fit.exponent == pytest.approx(0.5, rel=0.05)
    assert found.fit.floor == pytest.approx(0.03, abs=0.01)
    by_fit = [
        found.fit.floor + found.fit.scale * each.n_examples**-found.fit.exponent for each in found.forecasts
    ]
    assert [each.figure for each in found.forecasts] == pytest.approx(by_fit)
    assert [each.n_examples for each in found.forecasts] == [2000, 10_000]
    assert found.forecasts[0].figure == pytest.approx(float(planted(2000.0)), rel=0.02)


def test_a_figure_that_is_better_the_higher_it_is_rises_towards_perfection() -> None:
    found = exact(Metric.ROC_AUC, [0.7, 0.76, 0.81, 0.85])
    assert found.fit is not None
    assert found.fit.floor >= -1
    twice, tenfold = found.forecasts
    assert 0.85 < twice.figure < tenfold.figure <= 1
    assert twice.interval[0] <= twice.figure <= twice.interval[1] <= 1


def test_it_is_flat_from_where_doubling_gains_less_than_two_standard_errors() -> None:
    figures = planted(N).tolist()
    for error in (0.002, 0.005, 0.02):
        found = exact(Metric.ERROR, figures, dev_standard_error=error)
        assert found.flat_from is not None
        gain = float(planted(found.flat_from) - planted(2.0 * found.flat_from))
        assert found.flat_from == 125 or gain == pytest.approx(2 * error, rel=0.1)
    assert exact(Metric.ERROR, figures, dev_standard_error=0.5).flat_from == 125
    assert exact(Metric.ERROR, figures, dev_standard_error=1e-5).flat_from is None


def test_the_same_figures_give_the_same_forecasts_and_another_seed_other_ends() -> None:
    one, same, other = (figures_of(planted(N), n_dev=300, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other
