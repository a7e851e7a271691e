"""What is kept of a trial's folds: means are what it is ranked by; what each fold gave stands beside them.

Of a trial with one dev set nothing is kept here: it has no attribute more, and its mean is its one figure.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Any, NamedTuple

from optuna.trial import FrozenTrial, TrialState

from service.study.storage.own_trials import check_own_end
from workers.messages import TrialEnded


class DevFigures(NamedTuple):
    """What a trial is ranked by: the study's metric and the dev loss at the best epoch, means over folds."""

    metric: float
    loss: float


def fold_attributes(ended: TrialEnded) -> dict[str, Any]:
    """Return what is kept of each whole fold, in order: none of it where there is one dev set.

    `best_epochs` and `fold_metrics` have an entry a whole fold, the study's metric at the fold's best epoch;
    `standard_error` is there from two folds on.
    """
    if ended.n_folds == 1:
        return {}
    metrics = [fold.best.dev_metric for fold in ended.whole_folds]
    attributes: dict[str, Any] = {
        "best_epochs": [fold.best_epoch for fold in ended.whole_folds],
        "fold_metrics": metrics,
    }
    return attributes | ({"standard_error": standard_error_of_mean(metrics)} if len(metrics) > 1 else {})


def fold_column(ended: TrialEnded) -> dict[str, list[int]]:
    """Return the learning curve's column of fold numbers, an entry an epoch, where there are several."""
    if ended.n_folds == 1:
        return {}
    return {"folds": [number for number, fold in enumerate(ended.folds, start=1) for _ in fold.curve]}


def running_means(ended: TrialEnded) -> list[float]:
    """Return the watched metric after each epoch, averaged with what the folds before it reached.

    After epoch e of fold f it is the mean of the f - 1 best values before and this epoch's: comparable from
    the first fold to the last, and in the first what a trial with one dev set has.
    """
    means: list[float] = []
    reached: list[float] = []
    for fold in ended.folds:
        means += [fmean([*reached, epoch.dev_watched]) for epoch in fold.curve]
        if fold.is_whole:
            reached.append(fold.best.dev_watched)
    return means


def standard_error_of_mean(metrics: Sequence[float]) -> float:
    """Return the standard error of the folds' mean: their deviation (n - 1) over the square root of n.

    It is too small by an unknown amount: folds share most of their train examples, so that their metrics are
    not independent, and no estimate from them alone is unbiased.

    References
    ----------
    Bengio, Y. and Grandvalet, Y. (2004). No unbiased estimator of the variance of k-fold cross-validation.
    Journal of Machine Learning Research 5.
    """
    return stdev(metrics) / sqrt(len(metrics))


def fold_ends(attributes: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the number of epochs run by the end of each whole fold; none where there is one dev set."""
    n_whole = len(attributes.get("fold_metrics", ()))
    if n_whole == 0:
        return ()
    folds: Sequence[int] = attributes["learning_curve"]["folds"]
    return tuple(len(folds) - folds[::-1].index(number) for number in range(1, n_whole + 1))


def dev_figures_of(trial: FrozenTrial) -> DevFigures:
    """Return what a stored trial is ranked by that ran an epoch to its end.

    Raises
    ------
    ForeignTrialError
        When another tool ended the trial.
    """
    check_own_end(trial)
    attributes = trial.user_attrs
    if trial.state is TrialState.COMPLETE and trial.value is not None:
        return DevFigures(trial.value, attributes["dev_loss"])
    # A pruned trial's value is its last epoch's.
    curve: Mapping[str, Sequence[float]] = attributes["learning_curve"]
    ends = fold_ends(attributes)
    best_epochs = attributes["best_epochs"] if ends else [attributes["best_epoch"]]
    places = [start + best - 1 for start, best in zip((0, *ends), best_epochs, strict=False)]
    return DevFigures(*(fmean(curve[name][place] for place in places) for name in ("dev_metric", "dev_loss")))
