"""The tree-structured Parzen estimator: tries what the best trials have more often than the others.

Of the trials that have ended, the best few are good. All others are bad, and so are those that still run,
which keeps trials that run at once apart ("constant liar"). For each group of dimensions that are active
under the same conditions a density l of the good trials' values and a density g of the bad ones' are
estimated; of some samples from l the one with the largest l / g is suggested.

References
----------
Bergstra, J. et al. (2011). Algorithms for hyper-parameter optimization. NeurIPS, section 4.
Bergstra, J. et al. (2013). Making a science of model search. ICML (the weights of older trials).
Watanabe, S. (2023). Tree-structured Parzen estimator: understanding its algorithm components and their roles
for better empirical performance. arXiv:2304.11127.
"""

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from math import ceil, inf, isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from optuna.trial import TrialState

from search_spaces.conditions import Conditions
from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import SamplerConfig
from service.study.search.parzen_estimator import Dimensions, ParzenEstimator
from service.study.search.seeds import sampler_seed
from service.study.search.unit_scales import Scale, scale_of
from service.study.storage.kept_trials import TrialResult

N_SAMPLES = 24
"""From the good trials' density, of which the best is suggested."""

GOOD_SHARE, MOST_GOOD = 0.1, 25
"""Of the trials that have ended."""

N_LATEST = 25
"""The latest trials weigh 1 each; earlier ones the less the earlier, down to nearly nothing."""

MOST_KERNELS = 100
"""Of more bad trials, no more are looked at: the latest, and some evenly spread over the earlier ones."""

_DIGITS_OF_GAIN = 9


class _PrunedRank(NamedTuple):
    """Pruned trials rank by how far they came, then by what they had last; last who reported nothing."""

    minus_epochs: int
    value: float
    number: int


class TrialRanks:
    """The trials that have ended, the best first: complete ones by their value, then pruned ones."""

    def __init__(self) -> None:
        self._complete: list[tuple[float, int]] = []
        self._pruned: list[_PrunedRank] = []

    def __len__(self) -> int:
        return len(self._complete) + len(self._pruned)

    def add(self, result: TrialResult) -> None:
        """Rank a trial; one that failed ranks as a pruned one that reported nothing."""
        match result:
            case TrialResult(state=TrialState.COMPLETE, value=float(value)):
                insort(self._complete, (value, result.number))
            case TrialResult(state=TrialState.PRUNED, intermediate_values=[*_, last] as values):
                rank = _PrunedRank(-len(values), inf if isnan(last) else last, result.number)
                insort(self._pruned, rank)
            case _:
                insort(self._pruned, _PrunedRank(1, 0.0, result.number))

    def best(self, n: int) -> list[int]:
        """Return the numbers of the best `n`."""
        complete = [number for _, number in self._complete[:n]]
        return complete + [rank.number for rank in self._pruned[: n - len(complete)]]


class _Block:
    """Dimensions that are active under the same conditions, and their values in the trials that have them.

    Parameters
    ----------
    scales
        By name.
    jointly
        Whether they are estimated jointly.
    """

    def __init__(self, scales: Mapping[str, Scale], *, jointly: bool) -> None:
        self._names = tuple(scales)
        self._scales = tuple(scales.values())
        self._dimensions = Dimensions(self._scales)
        self._jointly = jointly
        self._rows = np.empty((64, len(scales)))
        self._numbers = np.empty(64, dtype=np.intp)
        self._n_rows = 0

    def add(self, number: int, values: Mapping[str, Value]) -> None:
        """Add the next trial, if it has these dimensions."""
        if self._names[0] not in values:
            return
        if self._n_rows == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
            self._numbers = np.concatenate([self._numbers, np.empty_like(self._numbers)])
        scaled = zip(self._names, self._scales, strict=True)
        self._rows[self._n_rows] = [scale.number(values[name]) for name, scale in scaled]
        self._numbers[self._n_rows] = number
        self._n_rows += 1

    def drawn(self, rng: np.random.Generator, good_trials: Sequence[int]) -> dict[str, Value]:
        """Draw a value of each dimension, by which trials were good."""
        numbers = self._numbers[: self._n_rows]
        is_good = np.isin(numbers, good_trials, assume_unique=True, kind="table")
        good = self._estimator(np.flatnonzero(is_good))
        bad = self._estimator(np.flatnonzero(~is_good))
        samples = good.sample(rng, N_SAMPLES)
        gains = good.log_densities(samples) - bad.log_densities(samples)
        chosen = samples[np.arange(len(samples)), first_best(gains)].tolist()
        scaled = zip(self._names, self._scales, chosen, strict=True)
        return {name: scale.value(number) for name, scale, number in scaled}

    def drawn_evenly(self, rng: np.random.Generator) -> dict[str, Value]:
        """Draw a value of each dimension, each as likely as any other."""
        scaled = zip(self._names, self._scales, rng.random(len(self._names)).tolist(), strict=True)
        return {name: scale.evenly(share) for name, scale, share in scaled}

    def _estimator(self, rows: NDArray[np.intp]) -> ParzenEstimator:
        kept, weights = kept_trials(len(rows))
        return ParzenEstimator(self._dimensions, self._rows[rows[kept]], weights, jointly=self._jointly)


def first_best(gains: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return where each row has its largest gain, and of equal ones the first.

    Processors differ in the last bits of a logarithm, so gains that differ in nothing else are equal.
    """
    best: NDArray[np.intp] = np.argmax(np.round(gains, _DIGITS_OF_GAIN), axis=1)
    return best


def kept_trials(n: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return which of so many trials an estimator is made of, and their weights, in order of number.

    All of a few are kept. Of more, so are the latest; the earlier ones that are kept weigh as much as all
    earlier ones.
    """
    n_latest, n_earlier = min(n, N_LATEST), max(n - N_LATEST, 0)
    n_kept = min(n_earlier, MOST_KERNELS - N_LATEST)
    kept = (2 * np.arange(n_kept) + 1) * n_earlier // (2 * max(n_kept, 1))
    ramp = np.linspace(1 / n, 1.0, n_earlier)[kept] * (n_earlier / n_kept) if n_kept else np.empty(0)
    return (
        np.concatenate([kept, np.arange(n_earlier, n)]),
        np.concatenate([ramp, np.ones(n_latest)]),
    )


class TPE:
    """Suggests a space's points, learning from the trials that it is shown.

    The point of a trial is a function of the study's seed, the trial's number and what was shown before.

    Parameters
    ----------
    space
        What is searched.
    config
        Its options.
    study_seed
        The study's seed.
    """

    def __init__(self, space: SearchSpace, config: SamplerConfig, *, study_seed: int) -> None:
        self._space = space
        self._names = space.searched_names
        self._study_seed = study_seed
        self._startup_trials = config.startup_trials or 1
        self._blocks: list[_Block] = []
        self._block_of: dict[str, _Block] = {}
        for when, scales in _by_condition(space):
            jointly = bool(config.multivariate) and (not when or bool(config.group))
            self._blocks.append(_Block(scales, jointly=jointly))
            self._block_of |= dict.fromkeys(scales, self._blocks[-1])
        only_values = ((name, _only_value(space.dimensions[name])) for name in self._names)
        self._only_values = {name: value for name, value in only_values if value is not None}
        self._ranks = TrialRanks()
        self._n_shown = 0

    def ask(self, number: int) -> dict[str, Value]:
        """Draw the next trial's values of the active searched dimensions; at random before it has learned."""
        rng = np.random.default_rng(sampler_seed(self._study_seed, number))
        n_ended = len(self._ranks)
        if n_ended < self._startup_trials:
            return self._point(lambda block: block.drawn_evenly(rng))
        good = self._ranks.best(min(ceil(GOOD_SHARE * n_ended), MOST_GOOD))
        return self._point(lambda block: block.drawn(rng, good))

    def drawn_evenly(self, seed: int) -> dict[str, Value]:
        """Draw a random point."""
        rng = np.random.default_rng(seed)
        return self._point(lambda block: block.drawn_evenly(rng))

    def show_running(self, values: Mapping[str, Value]) -> None:
        """Let the next trial have these values, and run."""
        for block in self._blocks:
            block.add(self._n_shown, values)
        self._n_shown += 1

    def show_ended(self, result: TrialResult) -> None:
        """Let it see a trial's end."""
        self._ranks.add(result)

    def _point(self, draw: Callable[[_Block], Mapping[str, Value]]) -> dict[str, Value]:
        """Draw each block when its first dimension turns out to be active."""
        values: dict[str, Value] = {}
        drawn = dict(self._only_values)
        for name in self._names:
            if not self._space.is_active(name, values):
                continue
            if name not in drawn:
                drawn |= draw(self._block_of[name])
            values[name] = drawn[name]
        return values


def _by_condition(space: SearchSpace) -> list[tuple[Conditions, dict[str, Scale]]]:
    """Return the scales of dimensions with more than one value, by the conditions that they share."""
    groups: list[tuple[Conditions, dict[str, Scale]]] = []
    for name, dimension in space.dimensions.items():
        if isinstance(dimension, ConstantDimension) or _only_value(dimension) is not None:
            continue
        scales = next((scales for when, scales in groups if when == dimension.when), None)
        if scales is None:
            scales = {}
            groups.append((dimension.when, scales))
        scales[name] = scale_of(dimension)
    return groups


def _only_value(dimension: Dimension) -> Value | None:
    match dimension:
        case ConstantDimension(value=value) | CategoricalDimension(choices=(value,)):
            return value
        case FloatDimension(low=low, high=high) | IntegerDimension(low=low, high=high) if low == high:
            return low
        case _:
            return None
