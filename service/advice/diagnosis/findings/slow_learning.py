"""Whether training was cut short because the learning rates that were searched are too low."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState

from search_spaces.ranges import FloatDimension
from search_spaces.space import SearchSpace
from service.advice.diagnosis.finding import Finding, FindingKind

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
