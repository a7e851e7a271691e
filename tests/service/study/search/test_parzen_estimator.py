"""Densities integrate to one, agree with Optuna's, and samples follow them."""

from collections.abc import Mapping
from math import log

import numpy as np
import pytest
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights
from scipy.stats import chisquare, kstest

from search_spaces.network.space import NetworkSpace
from search_spaces.ranges import FloatDimension
from search_spaces.values import Value
from service.study.search.parzen_estimator import Dimensions, ParzenEstimator
from service.study.search.suggestions import distribution
from service.study.search.tpe import kept_trials
from service.study.search.unit_scales import ChoiceScale, FloatScale, IntegerScale, Scale, scale_of

SPACE = NetworkSpace.model_validate(
    {
        "learning_rate": {"low": 1e-4, "high": 1.0, "log": True},
        "optimizer": {"choices": ["adam", "momentum", "rmsprop"]},
        "width": {"low": 8, "high": 64, "log": True},
        "keep_prob": {"low": 0.5, "high": 0.99},
        "batch_size": {"low": 8, "high": 64, "step": 8},
        "depth": {"low": 1, "high": 3},
    }
)
SCALES: Mapping[str, Scale] = {name: scale_of(dim) for name, dim in SPACE.dimensions.items()}  # type: ignore[arg-type]
DISTRIBUTIONS: Mapping[str, BaseDistribution] = {
    name: distribution(dim)  # type: ignore[arg-type]
    for name, dim in SPACE.dimensions.items()
}
FLOATS = ("learning_rate", "keep_prob")


def drawn(names: tuple[str, ...], n: int) -> list[dict[str, Value]]:
    """Draw points evenly."""
    rng = np.random.default_rng(0)
    return [{name: SCALES[name].evenly(rng.random()) for name in names} for _ in range(n)]


def numbers(points: list[dict[str, Value]], names: tuple[str, ...]) -> NDArray[np.float64]:
    rows = [[SCALES[name].number(point[name]) for name in names] for point in points]
    return np.array(rows).reshape(len(points), len(names))


def estimator(names: tuple[str, ...], n: int, *, jointly: bool) -> ParzenEstimator:
    """Make an estimator of so many observations."""
    scales = [SCALES[name] for name in names]
    return ParzenEstimator(
        Dimensions(scales), numbers(drawn(names, n), names), kept_trials(n)[1], jointly=jointly
    )


def optunas_logs(
    points: list[dict[str, Value]], observed: list[dict[str, Value]], names: tuple[str, ...]
) -> NDArray[np.float64]:
    """Return Optuna's log densities; of a real number for a range from 0 to 1."""

    def columns(of: list[dict[str, Value]]) -> dict[str, NDArray[np.float64]]:
        return {name: np.array([DISTRIBUTIONS[name].to_internal_repr(p[name]) for p in of]) for name in names}

    parameters = _ParzenEstimatorParameters(
        prior_weight=1.0,
        consider_magic_clip=True,
        consider_endpoints=False,
        weights=default_weights,
        multivariate=True,
    )
    theirs = _ParzenEstimator(columns(observed), {name: DISTRIBUTIONS[name] for name in names}, parameters)
    widths = [high - low for low, high in (_ends(SCALES[name]) for name in names)]
    return np.asarray(theirs.log_pdf(columns(points)) + np.log(widths).sum())


def _ends(scale: Scale) -> tuple[float, float]:
    return scale.ends if isinstance(scale, FloatScale) else (0.0, 1.0)


@pytest.mark.parametrize(
    ("names", "n"),
    [(tuple(SCALES), 0), (tuple(SCALES), 1), (tuple(SCALES), 2), (("optimizer", *FLOATS), 90)],
)
def test_joint_densities_are_optunas(names: tuple[str, ...], n: int) -> None:
    """Of equal observations it is not defined which one gets the wide kernel: more of them have none."""
    observed, points = drawn(names, n), drawn(names, 400)[-24:]
    logs = estimator(names, n, jointly=True).log_densities(numbers(points, names).T)
    np.testing.assert_allclose(logs[0], optunas_logs(points, observed, names), rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize("n", [0, 1, 2, 16, 90])
def test_densities_of_one_dimension_are_optunas(name: str, n: int) -> None:
    """Whole numbers, where some observations are equal, are compared where all weights are too."""
    n = n if name in (*FLOATS, "optimizer") else min(n, 25)
    observed, points = drawn((name,), n), drawn((name,), 400)[-24:]
    logs = estimator((name,), n, jointly=False).log_densities(numbers(points, (name,)).T)
    np.testing.assert_allclose(logs[0], optunas_logs(points, observed, (name,)), rtol=0, atol=1e-9)


def lattice(scale: Scale) -> tuple[NDArray[np.float64], float]:
    """Return numbers all over a scale, and what each stands for."""
    match scale:
        case ChoiceScale(n_choices=n_choices):
            return np.arange(float(n_choices)), 1.0
        case IntegerScale(dimension=dim):
            return np.array([scale.number(v) for v in range(dim.low, dim.high + 1, dim.step)]), 1.0
        case FloatScale():
            return (np.arange(400) + 0.5) / 400, 1 / 400


@pytest.mark.parametrize("n", [0, 1, 2, 40])
def test_each_density_is_one_in_all(n: int) -> None:
    for name, scale in SCALES.items():
        points, share = lattice(scale)
        logs = estimator((name,), n, jointly=False).log_densities(points[None])
        assert np.exp(logs).sum() * share == pytest.approx(1.0, abs=1e-4), name


@pytest.mark.parametrize("n", [0, 1, 2, 40])
def test_a_joint_density_is_one_in_all(n: int) -> None:
    names = ("learning_rate", "optimizer", "batch_size", "depth")
    lattices = [lattice(SCALES[name]) for name in names]
    points = np.stack([axis.ravel() for axis in np.meshgrid(*(points for points, _ in lattices))])
    logs = estimator(names, n, jointly=True).log_densities(points)
    share = np.prod([share for _, share in lattices])
    assert np.exp(logs).sum() * share == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("jointly", [True, False])
@pytest.mark.parametrize("name", [name for name in SCALES if name not in FLOATS])
def test_samples_of_few_values_are_as_frequent_as_their_density_says(name: str, *, jointly: bool) -> None:
    points, _ = lattice(SCALES[name])
    made = estimator((name,), 12, jointly=jointly)
    samples = made.sample(np.random.default_rng(1), 20_000)[0]
    counts = (np.abs(samples[:, None] - points) < 1e-9).sum(axis=0)
    expected = np.exp(made.log_densities(points[None])[0])
    assert chisquare(counts, expected / expected.sum() * len(samples)).pvalue > 0.001


@pytest.mark.parametrize("name", FLOATS)
def test_samples_of_a_range_follow_their_density(name: str) -> None:
    made = estimator((name,), 12, jointly=False)
    samples = made.sample(np.random.default_rng(1), 5_000)[0]
    fine = np.linspace(0.0, 1.0, 20_001)
    cumulative = np.cumsum(np.exp(made.log_densities(fine[None])[0])) / 20_000
    assert kstest(samples, lambda x: np.interp(x, fine, cumulative)).pvalue > 0.001


def test_jointly_drawn_samples_belong_together() -> None:
    """Of observations that are low or high in both dimensions, few samples are low in one alone."""
    names = ("optimizer", "depth")
    scales = [SCALES[name] for name in names]
    observed = np.array([[0.0, scales[1].number(1)], [2.0, scales[1].number(3)]]).repeat(50, axis=0)
    weights = np.full(100, 1e6)
    mixed = {}
    for jointly in (True, False):
        made = ParzenEstimator(Dimensions(scales), observed, weights, jointly=jointly)
        optimizers, depths = made.sample(np.random.default_rng(0), 2_000)
        mixed[jointly] = np.mean((optimizers == 0) & (depths > 0.6))
    assert mixed[True] < mixed[False] / 4


def test_a_range_far_from_all_observations_has_a_density() -> None:
    """Where each kernel is nothing, the one over the whole range is left."""
    scale = FloatScale(FloatDimension(low=0.0, high=1.0))
    made = ParzenEstimator(Dimensions([scale]), np.full((100, 1), 0.001), np.ones(100), jointly=False)
    assert made.log_densities(np.array([[1.0]]))[0, 0] == pytest.approx(log(0.92 / 101), abs=0.1)
