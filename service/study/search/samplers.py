"""Which of Optuna's samplers draws a trial's point, for each kind that a study names, and what it needs.

A sampler's stream restarts with its seed, so one seeded for the study would repeat itself after a resume:
each trial has its own seed. TPE is kept through a study: what it remembers of the trials is costly to find
out anew.
"""

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import inf, isnan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    GridSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.samplers._tpe import _truncnorm
from optuna.samplers._tpe.sampler import default_gamma
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import SamplerConfig, SamplerName, grid_values
from service.study.search.seeds import sampler_seed, study_wide_seed


class _PrunedRank(NamedTuple):
    """Pruned trials rank by how far they came, then by what they had last; last who reported nothing."""

    minus_epochs: int
    value: float
    number: int


class TrialColumns:
    """A row a trial, in order of number; a column a searched dimension, as Optuna's numbers for its values.

    Parameters
    ----------
    distributions
        Of the searched dimensions, by name.
    """

    def __init__(self, distributions: Mapping[str, BaseDistribution]) -> None:
        self._distributions = distributions
        self._places = {name: place for place, name in enumerate(distributions)}
        self._values: NDArray[np.float64] = np.empty((64, len(distributions)))
        self._n_trials = 0
        self._complete: list[tuple[float, int]] = []
        self._pruned: list[_PrunedRank] = []

    @property
    def n_ended(self) -> int:
        """Trials that have ended."""
        return len(self._complete) + len(self._pruned)

    def add(self, values: Mapping[str, Value]) -> None:
        """Add the next trial; dimensions that are not active there have no value."""
        if self._n_trials == len(self._values):
            self._values = np.concatenate([self._values, np.empty_like(self._values)])
        row = self._values[self._n_trials]
        row.fill(np.nan)
        for name, value in values.items():
            row[self._places[name]] = self._distributions[name].to_internal_repr(value)
        self._n_trials += 1

    def end(
        self, number: int, state: TrialState, value: float | None, *, last: tuple[int, float] | None
    ) -> None:
        """Rank a trial that has ended: a complete one by its value, a pruned one by its last epoch's.

        Parameters
        ----------
        number
            Its number.
        state
            COMPLETE or PRUNED.
        value
            Of a complete trial.
        last
            Of a pruned one the epochs that it ran and the last one's value; None where it reported nothing.
        """
        if state is TrialState.COMPLETE and value is not None:
            insort(self._complete, (value, number))
        else:
            epochs, reached = (-1, 0.0) if last is None else last
            insort(self._pruned, _PrunedRank(-epochs, inf if isnan(reached) else reached, number))

    def best(self, n: int) -> list[int]:
        """Return the numbers of the best `n` trials that ended: complete ones first, then pruned ones."""
        complete = [number for _, number in self._complete[:n]]
        return complete + [rank.number for rank in self._pruned[: n - len(complete)]]

    def all_but(self, numbers: Sequence[int]) -> NDArray[np.intp]:
        """Return the numbers of the other trials, in order, running or ended (n_others,)."""
        is_other = np.ones(self._n_trials, dtype=bool)
        is_other[[number for number in numbers if number < self._n_trials]] = False
        return np.flatnonzero(is_other)

    def observations(
        self, numbers: Sequence[int] | NDArray[np.intp], names: Sequence[str]
    ) -> dict[str, NDArray[np.float64]]:
        """Return the values of some dimensions, of those of the trials that have all of them.

        Returns
        -------
        dict of str to ndarray
            By name, in the order of `numbers` (n_observations,).
        """
        rows = self._values[np.asarray(numbers, dtype=np.intp)][:, [self._places[name] for name in names]]
        rows = rows[~np.isnan(rows).any(axis=1)]
        return {name: np.ascontiguousarray(rows[:, place]) for place, name in enumerate(names)}


N_REMEMBERED = 2**17
"""Values of the normal distribution's logarithm that are kept: some tens of megabytes at most."""


class _ColumnTPE(TPESampler):
    """Optuna's TPE, which takes running trials for bad ones, on values in columns.

    It suggests the very same as Optuna's. That one sorts all trials and reads each of their values anew for
    each dimension or group of them, which at 10,000 trials is two thirds of its time; its arithmetic proper
    is called here, and not written again.

    Parameters
    ----------
    config
        Its options.
    columns
        The trials, as they are shown.
    """

    def __init__(self, config: SamplerConfig, columns: TrialColumns) -> None:
        super().__init__(
            n_startup_trials=config.startup_trials or 1,
            multivariate=config.multivariate,
            group=bool(config.group),
            constant_liar=True,
            seed=0,
        )
        self._columns = columns
        _remember_more()

    def reseeded(self, seed: int) -> "_ColumnTPE":
        """Let its streams start as those of a new one with this seed; return it.

        Optuna's own `reseed_rng` takes a seed from the operating system. What is kept besides, dimensions
        that trials have in common, is the same function of the trials in a new sampler.
        """
        self._rng.rng.seed(seed)
        self._random_sampler._rng.rng.seed(seed)  # noqa: SLF001 - there is no public way; Optuna is pinned
        return self

    def _sample(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        del study
        names = list(search_space)
        best = self._columns.best(default_gamma(self._columns.n_ended))
        below = self._columns.observations(sorted(best), names)
        above = self._columns.observations(self._columns.all_but([*best, trial.number]), names)
        estimate, parameters = self._parzen_estimator_cls, self._parzen_estimator_parameters
        good = estimate(below, search_space, parameters)
        bad = estimate(above, search_space, parameters)
        candidates = good.sample(self._rng.rng, self._n_ei_candidates)
        gains = self._compute_acquisition_func(candidates, good, bad)
        chosen = self._compare(candidates, gains)
        return {name: dist.to_external_repr(chosen[name]) for name, dist in search_space.items()}


def _remember_more() -> None:
    """Widen Optuna's own cache of a function that most of its time goes to, for the whole process.

    From one trial to the next most arguments are the same, but there are some for each earlier trial: beyond
    a few hundred of them, a cache of a thousand drops each before it is asked for again.
    """
    cached = _truncnorm._log_ndtr_single  # noqa: SLF001 - there is no public way; Optuna is pinned
    if cached.cache_info().maxsize != N_REMEMBERED:
        _truncnorm._log_ndtr_single = lru_cache(N_REMEMBERED)(cached.__wrapped__)  # noqa: SLF001 - likewise


class JointSampler(BaseSampler):
    """Another sampler, told from the first trial on which dimensions every trial has.

    By itself it would find out from the trials that have ended, and take for common what they happen to have
    in common.

    Parameters
    ----------
    sampler
        Who samples.
    joint
        The dimensions that it samples jointly.
    """

    def __init__(self, sampler: BaseSampler, joint: Mapping[str, BaseDistribution]) -> None:
        self._sampler = sampler
        self._joint = {
            name: distribution for name, distribution in joint.items() if not distribution.single()
        }

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Let the sampler prepare for a trial."""
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return the joint dimensions."""
        del study, trial
        return dict(self._joint)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Draw them."""
        return self._sampler.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:  # noqa: ANN401 - Optuna's signature
        """Draw another dimension, by itself."""
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)


ASKED_AGAIN = frozenset({SamplerName.QMC, SamplerName.CMA_ES, SamplerName.GRID})
"""Keep in the view what they asked: when a study goes on, they are asked again for each of its trials."""

SEE_COMPLETE_ALONE = frozenset({SamplerName.GP, SamplerName.CMA_ES})
"""Look at no trial that is not complete."""


def samplers(
    config: SamplerConfig,
    space: SearchSpace,
    distributions: Mapping[str, BaseDistribution],
    *,
    columns: TrialColumns,
    study_seed: int,
) -> Callable[[int], BaseSampler]:
    """Return what gives the sampler of a trial's number, ready to draw for that trial alone.

    Parameters
    ----------
    config
        The kind of sampler, and its options.
    space
        What is searched.
    distributions
        Of its searched dimensions, by name.
    columns
        The trials, as they are shown.
    study_seed
        The study's seed.
    """
    joint = {name: dist for name, dist in distributions.items() if not space.dimensions[name].when}
    draws = _by_seed(config, space, joint, columns, study_wide_seed(study_seed))
    return lambda number: draws(sampler_seed(study_seed, number))


def _by_seed(
    config: SamplerConfig,
    space: SearchSpace,
    joint: Mapping[str, BaseDistribution],
    columns: TrialColumns,
    study_wide: int,
) -> Callable[[int], BaseSampler]:
    match config.kind:
        case SamplerName.TPE:
            return _tpe(config, columns)
        case SamplerName.RANDOM:
            return RandomSampler
        case SamplerName.QMC:
            return lambda seed: JointSampler(_qmc(config, study_wide, seed), joint)
        case SamplerName.GP:
            return lambda seed: JointSampler(_gp(config, seed), joint)
        case SamplerName.CMA_ES:
            numeric = {n: dist for n, dist in joint.items() if not isinstance(dist, CategoricalDistribution)}
            return lambda seed: JointSampler(_cma_es(config, seed), numeric)
        case SamplerName.GRID:
            grid = GridSampler(grid_values(space, points=config.points or 1), seed=study_wide)
            return lambda _: grid


def _tpe(config: SamplerConfig, columns: TrialColumns) -> Callable[[int], BaseSampler]:
    if config.group:
        # A sampler keeps the order in which it found groups, and that depends on when it was asked.
        return lambda seed: _ColumnTPE(config, columns).reseeded(seed)
    return _ColumnTPE(config, columns).reseeded


def _qmc(config: SamplerConfig, scrambling: int, seed: int) -> QMCSampler:
    return QMCSampler(
        scramble=bool(config.scramble),
        seed=scrambling,
        independent_sampler=RandomSampler(seed),
        warn_independent_sampling=False,
    )


def _gp(config: SamplerConfig, seed: int) -> GPSampler:
    return GPSampler(n_startup_trials=config.startup_trials or 1, seed=seed, warn_independent_sampling=False)


def _cma_es(config: SamplerConfig, seed: int) -> CmaEsSampler:
    return CmaEsSampler(
        n_startup_trials=config.startup_trials or 1, seed=seed, warn_independent_sampling=False
    )
