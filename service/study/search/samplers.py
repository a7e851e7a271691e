"""Which of Optuna's samplers draws a trial's point, for each kind that a study names, and what it needs.

A sampler's stream restarts with its seed, so one seeded for the study would repeat itself after a resume:
each trial has its own seed. TPE is our own, in `tpe.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    GridSampler,
    QMCSampler,
    RandomSampler,
)
from optuna.study import Study
from optuna.trial import FrozenTrial

from search_spaces.space import SearchSpace
from service.configuration.search_config import SamplerConfig, SamplerName, grid_values
from service.study.search.seeds import sampler_seed, study_wide_seed


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


def samplers(
    config: SamplerConfig,
    space: SearchSpace,
    distributions: Mapping[str, BaseDistribution],
    *,
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
    study_seed
        The study's seed.
    """
    joint = {name: dist for name, dist in distributions.items() if not space.dimensions[name].when}
    draws = _by_seed(config, space, joint, study_wide_seed(study_seed))
    return lambda number: draws(sampler_seed(study_seed, number))


def _by_seed(
    config: SamplerConfig,
    space: SearchSpace,
    joint: Mapping[str, BaseDistribution],
    study_wide: int,
) -> Callable[[int], BaseSampler]:
    match config.kind:
        case SamplerName.TPE:
            raise ValueError("expected one of Optuna's samplers, got tpe, which is our own")
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
