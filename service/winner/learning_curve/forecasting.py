"""From a curve's figures to what more train examples would bring, with intervals, or why that is unknown."""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.winner.learning_curve.learning_curve import Forecast, PowerLaw
from service.winner.learning_curve.part_figures import DevSet, PartFigures, dev_deviations, seed_variances
from workers.metrics.metric import Metric

LIKELY_EXPONENT = 0.5
"""Between what large networks show on large data, 0.07 to 0.35, and what learning theory allows, up to 1."""

LIKELY_FACTOR = 2.0
"""By about how much an exponent differs from the likely one."""

_EXPONENTS = np.geomspace(0.01, 2.0, 400)
"""All that are tried: neighbours differ by 1.3 %, far less than figures can show."""


class PowerLaws(NamedTuple):
    """Laws badness(n) = floor + scale * (n / n_whole) ** -exponent, each of the arrays (n_laws,)."""

    floor: NDArray[np.float64]
    scale: NDArray[np.float64]
    exponent: NDArray[np.float64]
    n_whole: float

    def at(self, n_examples: float) -> NDArray[np.float64]:
        """Return the badness with so many train examples, by each law (n_laws,)."""
        badness: NDArray[np.float64] = self.floor + self.scale * (n_examples / self.n_whole) ** -self.exponent
        return badness


def fit_power_laws(
    n_examples: NDArray[np.float64],
    badness: NDArray[np.float64],
    *,
    variances: NDArray[np.float64],
    lowest: float,
) -> PowerLaws:
    """Fit a law to each set of figures: the least sum of squares, weighted, with exponents near a likely one.

    What is minimized over floor >= `lowest`, scale >= 0 and 0.01 <= exponent <= 2 is

        sum_i (badness_i - law(n_i)) ** 2 / variance_i
            + (log(exponent / LIKELY_EXPONENT) / log(LIKELY_FACTOR)) ** 2.

    The last term is that of a log-normal belief in the exponent. Three or four figures with noise cannot
    tell a slow fall without a floor from a fast one to a high floor; where they can, it counts for little.
    Of four tables whose whole was measured, it took a third off the error of predictions from the half of two
    (digits, diabetes), and made no difference to the others.

    For a given exponent floor and scale are a weighted linear regression, in closed form with its bounds
    (variable projection): the exponents of a fine grid are tried, so that no fit can fail or end in a local
    minimum, and all sets of figures are fitted at once.

    Parameters
    ----------
    n_examples
        Train examples of each figure (n_figures,), at least two different numbers.
    badness
        Sets of figures (n_sets, n_figures), lower is better.
    variances
        Of the figures (n_figures,), above 0.
    lowest
        The badness of perfect predictions.

    References
    ----------
    Hestness, J. et al. (2017). Deep learning scaling is predictable, empirically (the law, and exponents).
    Figueroa, R. L. et al. (2012). Predicting sample size required for classification performance (weighted
    fits to the first points). Golub, G. H. and Pereyra, V. (1973). The differentiation of pseudo-inverses and
    nonlinear least squares problems whose variables separate.
    """
    n_whole = float(n_examples.max())
    weights = 1 / variances
    shares = weights / weights.sum()
    fall = (n_examples / n_whole) ** -_EXPONENTS[:, np.newaxis]  # (n_exponents, n_figures)
    mean_fall, mean_badness = fall @ shares, badness @ shares
    centered = fall - mean_fall[:, np.newaxis]
    scale = ((badness - mean_badness[:, np.newaxis]) * shares) @ centered.T / (centered**2 @ shares)
    scale = np.maximum(scale, 0.0)  # (n_sets, n_exponents)
    floor = mean_badness[:, np.newaxis] - scale * mean_fall
    at_bound = np.maximum(((badness - lowest) * shares) @ fall.T / (fall**2 @ shares), 0.0)
    scale = np.where(floor < lowest, at_bound, scale)
    floor = np.maximum(floor, lowest)
    residuals = (
        badness[:, np.newaxis] - floor[..., np.newaxis] - scale[..., np.newaxis] * fall
    )  # (n_sets, n_exponents, n_figures)
    unlikely = (np.log(_EXPONENTS / LIKELY_EXPONENT) / np.log(LIKELY_FACTOR)) ** 2
    best = (residuals**2 @ weights + unlikely).argmin(axis=1)
    sets = np.arange(len(badness))
    return PowerLaws(floor[sets, best], scale[sets, best], _EXPONENTS[best], n_whole)


FACTORS = (2.0, 10.0)
"""Forecasts are made for this many times the train examples."""

N_DRAWS = 400
"""Curves that might as well have been measured; the ends of 95 % rest on the 10 outermost of each side."""

FEWEST_PARTS = 3
"""A floor, a scale and an exponent are three."""

FARTHEST = 100.0
"""How many times the train examples a curve is followed to where it is flat."""

_ROUNDING = 1e-3
"""Share of the fall that no figure is trusted to be exact beyond, were it the same with all seeds."""


class Forecasts(NamedTuple):
    """What a curve says; `why_not` is there where the rest is not."""

    fit: PowerLaw | None
    why_not: str | None
    forecasts: tuple[Forecast, ...]
    flat_from: int | None


def forecast(  # noqa: PLR0913 (a curve, and how it is judged, each by its name)
    metric: Metric,
    parts: Sequence[PartFigures],
    dev: DevSet,
    *,
    dev_standard_error: float,
    seed: int,
    factors: Sequence[float] = FACTORS,
) -> Forecasts:
    """Fit the power law, and follow it to more train examples.

    Intervals are a parametric bootstrap's: the law is fitted to curves that might as well have been measured,
    moved by normal noise with the seeds' variance and by a resampling of the dev set; the ends are quantiles
    of what these laws say. They are of the expected figure on new examples, so that the dev set's own chance
    is in them, and they believe that the curve is a power law all the way.

    Parameters
    ----------
    metric
        The study's metric.
    parts
        What was measured, from the fewest train examples to all.
    dev
        What is true of the dev set.
    dev_standard_error
        Of the figure with all train examples, for want of dev examples.
    seed
        Source of what is drawn.
    factors
        So many times the examples are asked for.
    """
    if len(parts) < FEWEST_PARTS:
        return _none(f"a curve needs figures at {FEWEST_PARTS} sizes of the train set, got {len(parts)}")
    rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"learning curve")]))
    n_examples = np.array([part.n_examples for part in parts], dtype=np.float64)
    measured = np.array([[part.badness.mean() for part in parts]])
    variances = seed_variances(parts)
    noise = rng.standard_normal((N_DRAWS, len(parts))) * np.sqrt(variances)
    noise += dev_deviations(metric, parts, dev, n_draws=N_DRAWS, rng=rng)
    if not _falls(n_examples, measured[0], noise):
        return _none(
            f"from {parts[0].n_examples:,} to {parts[-1].n_examples:,} train examples it gains nothing"
            " beyond chance"
        )
    weighted = variances + (_ROUNDING * np.ptp(measured)) ** 2
    lowest = metric.badness(metric.perfect)
    law = fit_power_laws(n_examples, measured, variances=weighted, lowest=lowest)
    drawn = fit_power_laws(n_examples, measured + noise, variances=weighted, lowest=lowest)
    return Forecasts(
        fit=_value(law, drawn),
        why_not=None,
        forecasts=tuple(_forecast(metric, law, drawn, factor) for factor in factors),
        flat_from=_flat_from(law, smallest=parts[0].n_examples, least_gain=2 * dev_standard_error),
    )


def _none(why_not: str) -> Forecasts:
    return Forecasts(fit=None, why_not=why_not, forecasts=(), flat_from=None)


def _falls(n_examples: NDArray[np.float64], badness: NDArray[np.float64], noise: NDArray[np.float64]) -> bool:
    """Tell whether the badness falls with the logarithm of the examples by two standard errors or more."""
    by_logarithm = np.log(n_examples) - np.log(n_examples).mean()
    return bool(badness @ by_logarithm < -2 * (noise @ by_logarithm).std())


def _value(law: PowerLaws, drawn: PowerLaws) -> PowerLaw:
    exponent = float(law.exponent[0])
    low, high = _interval(drawn.exponent, exponent)
    return PowerLaw(
        floor=float(law.floor[0]),
        scale=float(law.scale[0] * law.n_whole**exponent),
        exponent=exponent,
        exponent_interval=(low, high),
    )


def _forecast(metric: Metric, law: PowerLaws, drawn: PowerLaws, factor: float) -> Forecast:
    n_examples = factor * law.n_whole
    badness = float(law.at(n_examples)[0])
    ends = [metric.badness(end) for end in _interval(drawn.at(n_examples), badness)]
    return Forecast(
        factor=factor,
        n_examples=round(n_examples),
        figure=metric.badness(badness),
        interval=(min(ends), max(ends)),
    )


def _interval(drawn: NDArray[np.float64], value: float) -> tuple[float, float]:
    """Return the ends of 95 %, which have the value itself between them."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    return min(float(low), value), max(float(high), value)


def _flat_from(law: PowerLaws, *, smallest: int, least_gain: float) -> int | None:
    """Return from how many train examples on doubling them gains less than that; None if that is too far.

    scale * n ** -exponent * (1 - 2 ** -exponent) = least_gain is solved for n, n in units of all examples.
    """
    exponent = float(law.exponent[0])
    gain = float(law.scale[0]) * (1 - 2**-exponent)
    if gain >= least_gain * FARTHEST**exponent:
        return None
    factor: float = (gain / least_gain) ** (1 / exponent)
    return max(smallest, ceil(law.n_whole * factor))
