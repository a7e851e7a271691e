"""TPE, kept through a study: what it remembers of the trials is costly to find out anew."""

from functools import lru_cache
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import TPESampler
from optuna.samplers._tpe import _truncnorm
from optuna.samplers._tpe.sampler import default_gamma
from optuna.study import Study
from optuna.trial import FrozenTrial

from service.configuration.sampler_config import SamplerConfig
from service.study.search.sampling.trial_columns import TrialColumns

N_REMEMBERED = 2**17
"""Values of the normal distribution's logarithm that are kept: some tens of megabytes at most."""


class ColumnTPE(TPESampler):
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

    def reseeded(self, seed: int) -> "ColumnTPE":
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
