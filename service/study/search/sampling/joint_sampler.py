"""A sampler that draws the dimensions of every trial jointly, and each of the others by itself."""

from collections.abc import Mapping
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial


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
