"""How differently the best trials are distributed, hyperparameter by hyperparameter, by PED-ANOVA."""

import warnings
from collections.abc import Sequence

import optuna
from optuna.trial import FrozenTrial, create_trial


class Divergences:
    """PED-ANOVA's measure of hyperparameters, for any choice of the best among the same trials.

    It compares, for each hyperparameter, the density of its values among the best trials with that among all,
    by the Pearson divergence; one that is distributed alike in both did not matter. Where the sampler has
    learned, both densities have, so that the comparison is within what the study looked at. A conditional
    hyperparameter is compared among trials that have it, weighted by their share.

    Parameters
    ----------
    trials
        Trials that ended.
    names
        Hyperparameters; each was searched in some trial.

    References
    ----------
    Watanabe, S., Bansal, A. and Hutter, F. (2023). PED-ANOVA: efficiently quantifying hyperparameter
    importance in arbitrary subspaces. IJCAI.
    """

    def __init__(self, trials: Sequence[FrozenTrial], names: Sequence[str]) -> None:
        self._names = list(names)
        sampler = optuna.samplers.RandomSampler()  # nothing is sampled; the default one takes time to make
        self._view = optuna.create_study(sampler=sampler)
        for trial in trials:
            seen = create_trial(params=trial.params, distributions=trial.distributions, value=0.0)
            self._view.add_trial(seen)

    def of(self, is_best: Sequence[bool]) -> dict[str, float]:
        """Return how differently the best are distributed, 0 or more, by hyperparameter.

        Parameters
        ----------
        is_best
            Of each trial, whether it is among the best: some are, and not all.
        """
        from optuna.importance import PedAnovaImportanceEvaluator  # noqa: PLC0415 (half a second, which few commands need)

        # Half a trial less than the quantile of the best: rounding up is then safe from rounding errors.
        evaluator = PedAnovaImportanceEvaluator(target_quantile=(sum(is_best) - 0.5) / len(is_best))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a target, and of few trials, which is told in our own words
            return evaluator.evaluate(
                self._view, self._names, target=lambda trial: 0.0 if is_best[trial.number] else 1.0
            )
