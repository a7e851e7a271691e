"""Which hyperparameters decided whether a trial was among the best."""

import warnings
from collections import Counter
from collections.abc import Sequence
from math import ceil

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial
from pydantic import BaseModel, ConfigDict

from service.errors import BadInputError
from service.study.storage.kept_trials import eligible
from workers.metrics.metric import Metric


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
            warnings.simplefilter(
                "ignore"
            )  # of a target, and of few trials, which we report in our own words
            return evaluator.evaluate(
                self._view, self._names, target=lambda trial: 0.0 if is_best[trial.number] else 1.0
            )


FEWEST_TRIALS = 10
"""Below it nothing is reported at all."""

RELIABLE_TRIALS = 30
"""Below it importances change with every few trials more."""

FEWEST_ACTIVE = 10
"""A hyperparameter that fewer trials had is not told apart from chance."""

SHARE_OF_BEST = 0.1
FEWEST_BEST = 5
"""What is asked for is to be among the best tenth, or the best five where those are more."""


N_DRAWS = 19
"""An importance is clear if none is as large in so many draws of the best trials by lot: a test at 5 %."""


class Importance(BaseModel):
    """One hyperparameter's."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    hyperparameter: str
    """Its name."""

    share: float | None
    """Its importance as a share of all (fraction); None where it is unknown."""

    is_clear: bool
    """Whether it is more than the largest of all where the best trials are drawn by lot (19 draws, 5 %)."""

    n_active: int
    """Trials in which it was searched; a conditional one is compared among these."""

    why_not: str | None
    """Why it is unknown; None where it is known."""


class Importances(BaseModel):
    """How much each hyperparameter decided whether a trial was among the best."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    study: str
    metric: Metric
    """What trials were ranked by."""

    method: str = "PED-ANOVA"
    n_trials: int
    """Trials that it rests on: all that ended, confirmation runs left out."""

    n_complete: int
    """Those that were ranked by their figure; pruned and failed ones count as worse than these."""

    n_best: int
    """How many of them are called the best."""

    is_reliable: bool
    """Whether the trials are enough for more than a hint."""

    importances: tuple[Importance, ...]
    """The most important first; unknown ones come last."""


def importances_of(study: str, trials: Sequence[FrozenTrial], metric: Metric) -> Importances:
    """Return how much each searched hyperparameter decided whether a trial was among the best.

    Pruned and failed trials have no final figure, but are known not to be among the best. Left out, they
    would take with them what most tells good values from bad, and often half of the study or more.

    Parameters
    ----------
    study
        The study's name.
    trials
        Its trials, confirmation runs among them.
    metric
        Its metric.

    Raises
    ------
    BadInputError
        When too few trials have ended, or all complete ones have the same figure.
    """
    ended = [trial for trial in eligible(trials) if trial.state.is_finished()]
    complete = [
        metric.badness(trial.value)
        for trial in ended
        if trial.state is TrialState.COMPLETE and trial.value is not None
    ]
    if len(ended) < FEWEST_TRIALS or not complete:
        raise BadInputError(
            f"importance needs at least {FEWEST_TRIALS} trials that ended, one of them complete: study"
            f" {study!r} has {len(ended)}, {len(complete)} complete"
        )
    n_best = min(max(ceil(SHARE_OF_BEST * len(ended)), FEWEST_BEST), len(complete))
    threshold = sorted(complete)[n_best - 1]
    n_best = sum(badness <= threshold for badness in complete)  # of equals all are among the best
    if n_best == len(ended):
        raise BadInputError(
            f"importance needs trials that differ: all {n_best} of study {study!r} have the same figure"
        )
    is_best = [
        trial.state is TrialState.COMPLETE
        and trial.value is not None
        and metric.badness(trial.value) <= threshold
        for trial in ended
    ]
    return Importances(
        study=study,
        metric=metric,
        n_trials=len(ended),
        n_complete=len(complete),
        n_best=n_best,
        is_reliable=len(ended) >= RELIABLE_TRIALS,
        importances=_importances(ended, is_best),
    )


def _importances(trials: Sequence[FrozenTrial], is_best: Sequence[bool]) -> tuple[Importance, ...]:
    """Return each hyperparameter's importance; that of what too few trials had is unknown, and comes last."""
    n_active = Counter(name for trial in trials for name in trial.params)
    told = [name for name, n in n_active.items() if n >= FEWEST_ACTIVE]
    divergences = Divergences(trials, told)
    found = divergences.of(is_best)
    total = sum(found.values())
    rng = np.random.default_rng(0)  # the same study always has the same importances
    drawn = [divergences.of(rng.permutation(is_best).tolist()) for _ in range(N_DRAWS)]
    by_chance = max(max(of_draw.values(), default=0.0) for of_draw in drawn)
    importances = [
        Importance(
            hyperparameter=name,
            share=found[name] / total if total > 0 else 0.0,
            is_clear=found[name] > by_chance,
            n_active=n_active[name],
            why_not=None,
        )
        for name in sorted(told, key=lambda name: -found[name])
    ]
    rare = [
        Importance(
            hyperparameter=name,
            share=None,
            is_clear=False,
            n_active=n,
            why_not=f"only {n} of {len(trials)} trials had it: {FEWEST_ACTIVE} are needed",
        )
        for name, n in n_active.items()
        if n < FEWEST_ACTIVE
    ]
    return (*importances, *rare)
