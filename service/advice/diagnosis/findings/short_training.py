"""Whether training was cut short: at the last epoch allowed, or by learning rates that are too low."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState

from search_spaces.hyperparameters import Schedule
from search_spaces.ranges import FloatDimension
from search_spaces.space import SearchSpace
from service.advice.diagnosis.finding import Finding, FindingKind
from service.advice.diagnosis.trial_ranking import FEWEST_BEST, best_of
from service.study.storage.kept_trials import record_of

SHARE_AT_THE_END = 0.6
"""So many of the best trials must have their best epoch at the end (fraction)."""

LAST_SHARE = 0.05
"""The end is the last twentieth of the epochs allowed, and at least the very last."""


def last_epoch_findings(
    standing: Sequence[FrozenTrial], space: SearchSpace, *, max_epochs: int
) -> list[Finding]:
    """Find that the best trials have their best epoch where training had to end.

    Only trials with a constant learning rate are looked at: one that falls to nothing at the last epoch has
    its best weights there by design, however many epochs there are.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    space
        What it searched.
    max_epochs
        The most epochs that a trial may have.
    """
    constant = [
        trial
        for trial in standing
        if space.value_at("learning_rate_schedule", trial.params) == Schedule.CONSTANT
    ]
    best = best_of(constant)
    end = max_epochs - int(LAST_SHARE * max_epochs)
    n_at_end = sum(record_of(trial).best_epoch >= end for trial in best)
    if len(best) < FEWEST_BEST or n_at_end < SHARE_AT_THE_END * len(best):
        return []
    text = (
        f"{n_at_end} of the {len(best)} best trials with a constant learning rate have their best epoch"
        f" among the last of the {max_epochs} allowed: they were still getting better"
    )
    evidence: dict[str, float] = {
        "best trials": len(best),
        "best trials at the end": n_at_end,
        "epochs allowed": max_epochs,
    }
    return [Finding(kind=FindingKind.LAST_EPOCH, hyperparameter=None, text=text, evidence=evidence)]


LEAST_CORRELATION = 0.4
"""Rank correlation of learning rate and standing from which the higher rates are the better ones."""

FEWEST_TRIALS = 6
"""Of fewer complete trials no correlation is told."""

_RATE = "learning_rate"


def slow_learning_findings(standing: Sequence[FrozenTrial], space: SearchSpace) -> list[Finding]:
    """Find that trials which were cut short did better the higher their learning rate.

    It is for where the best trials were still getting better at the last epoch, which is half of the
    evidence: the correlation alone, over a few trials, is weak. Pruned trials are left out, as what learns
    slowly looks much alike at the epochs at which trials are pruned.

    Parameters
    ----------
    standing
        A study's trials in order, as `standing_of` gives them.
    space
        What it searched.
    """
    dimension = space.dimensions.get(_RATE)
    complete = [trial for trial in standing if trial.state is TrialState.COMPLETE and _RATE in trial.params]
    if not isinstance(dimension, FloatDimension) or len(complete) < FEWEST_TRIALS:
        return []
    rates = [trial.params[_RATE] for trial in complete]
    if len(set(rates)) == 1:
        return []
    from scipy.stats import spearmanr  # noqa: PLC0415 (half a second, which few studies need)

    correlation = -float(spearmanr(range(len(rates)), rates).statistic)
    if correlation < LEAST_CORRELATION:
        return []
    text = (
        f"learning is slow: the best trials were cut short, and of the {len(complete)} complete ones those"
        f" with a higher learning_rate ({dimension}) did better (rank correlation {correlation:.2f})"
    )
    return [
        Finding(
            kind=FindingKind.SLOW_LEARNING,
            hyperparameter=_RATE,
            is_upward=True,
            text=text,
            evidence={"complete trials": len(complete), "rank correlation": correlation},
        )
    ]
