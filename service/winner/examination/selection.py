"""By how much selecting among a study's best trials flatters, from what is kept of their predictions.

It makes no assumption of normal or independent errors, as the estimate from the standard error alone does:
trials that err on the same examples, or are plainly worse, count for as little as they should.
"""

from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from service.seal.splits import Split
from service.uncertainty.units import UnitRows
from workers.metrics.classification_metrics import SMALLEST_PROBABILITY
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.dev_figures import in_target_unit, in_unit_about
from workers.metrics.metric import Metric, decision_rule, measure
from workers.train_dev_data import TrainDevData

N_REPEATS = 200
"""Resamples of the dev set: what the choice of them adds is small beside the dev set's own chance."""

FEWEST_EXAMPLES = 2
"""Of one example alone nothing is ever left out."""

Judge = Callable[[NDArray[np.intp]], NDArray[np.float64]]
"""Badness of every trial (n_trials,) on rows of the dev set."""


class SelectionBootstrap(BaseModel):
    """An estimate of the optimism of selecting on the dev set, by resampling its examples."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    n_trials: int
    """Trials that were selected among."""

    n_repeats: int
    """Resamples that it is the mean of."""

    size: float
    """By how much the best dev figure flatters, in the metric's unit; by chance it may be below 0."""

    standard_error: float
    """What the choice of resamples adds: their deviation over the square root of their number."""

    without: float
    """The best dev figure less that, in the metric's own sense."""


def bootstrap_selection(  # noqa: PLR0913 (what is selected among, and how it is drawn, each by its name)
    metric: Metric,
    predictions: NDArray[np.floating],
    y: NDArray[Any],
    *,
    rule: DecisionRule,
    units: NDArray[np.intp] | None,
    seed: int,
    n_repeats: int = N_REPEATS,
) -> SelectionBootstrap:
    """Estimate by how much the best of several dev figures flatters: it was the best on these examples.

    Again and again n of the n examples are drawn with replacement; the trial that is best on them is
    selected, and judged on those that were not drawn, about 37 %. The mean of these is what a selected trial
    shows on examples that it was not selected on. Its distance from the best figure on the whole dev set is
    the estimate. Examples that came as one are drawn together, or left out together: else the trials would be
    judged on what they were selected on.

    The figure on the drawn examples is no measure to set it against: they scatter around the dev set as the
    dev set does around all examples, so that the best of figures on them flatters sqrt(2) times as much.

    The drawn examples hold but 63 % of the dev set's: what is selected on them is a little worse than what is
    selected on all, where trials differ at all. The estimate errs to the safe side by that.

    Parameters
    ----------
    metric
        The study's metric.
    predictions
        Of each trial for each dev example, as `workers.metrics.metric.measure` takes them, numbers in the
        target's unit: (n_trials, n_examples, n_outputs).
    y
        The dev set's classes (n_examples,), or numbers (n_examples,) or (n_examples, n_targets).
    rule
        Decides labels.
    units
        Numbers that examples share which came as one (n_examples,); None where each came by itself.
    seed
        Source of what is drawn.
    n_repeats
        How often.

    Raises
    ------
    ValueError
        When there is no trial, or there are fewer than two examples.

    References
    ----------
    Tsamardinos, I., Greasidou, E. and Borboudakis, G. (2018). Bootstrapping the out-of-sample predictions for
    efficient and accurate cross-validation. Machine Learning 107, algorithm 3.
    """
    n_trials, n_examples = predictions.shape[:2]
    if n_trials == 0 or n_examples < FEWEST_EXAMPLES:
        raise ValueError(
            f"a bootstrap of the selection needs a trial and {FEWEST_EXAMPLES} examples, got {n_trials} and"
            f" {n_examples}"
        )
    judge = joint_judge(metric, predictions, y, rule=rule)
    best = float(judge(np.arange(n_examples)).min())
    optimism = (
        np.array(list(_outside(judge, UnitRows(units, n_examples), seed=seed, n_repeats=n_repeats))) - best
    )
    size = float(optimism.mean())
    return SelectionBootstrap(
        n_trials=n_trials,
        n_repeats=n_repeats,
        size=size,
        standard_error=float(optimism.std()) / sqrt(n_repeats),
        without=metric.badness(best + size),
    )


def _outside(judge: Judge, units: UnitRows, *, seed: int, n_repeats: int) -> Iterator[float]:
    """Yield the badness, on the examples left out, of the trial that is best on those drawn."""
    for drawn, left_out in resamples(units, seed=seed, n_repeats=n_repeats):
        yield float(judge(left_out)[judge(drawn).argmin()])


def resamples(
    units: UnitRows, *, seed: int, n_repeats: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield rows that were drawn with replacement, as many units as there are, and those of no unit drawn.

    Parameters
    ----------
    units
        Two at least.
    seed, n_repeats
        As for `bootstrap_selection`.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"selection")]))
    n_done = 0
    while n_done < n_repeats:
        drawn = rng.integers(len(units), size=len(units))
        left_out = np.setdiff1d(np.arange(len(units)), drawn)
        if len(left_out):
            yield units.rows(drawn), units.rows(left_out)
            n_done += 1


def joint_judge(
    metric: Metric, predictions: NDArray[np.floating], y: NDArray[Any], *, rule: DecisionRule
) -> Judge:
    """Return what measures all trials on some rows: at once where the metric is a mean over examples.

    Parameters
    ----------
    metric, predictions, y, rule
        As for `bootstrap_selection`.
    """
    losses = _losses(metric, predictions, y, rule)
    if losses is not None:
        n_examples = len(y)
        return lambda rows: losses @ np.bincount(rows, minlength=n_examples) / len(rows)

    def measured(rows: NDArray[np.intp]) -> NDArray[np.float64]:
        of_rows = y[rows]
        return np.array(
            [
                metric.badness(measure(metric, of_trial[rows], of_rows, rule=rule, target_deviation=1.0))
                for of_trial in predictions
            ]
        )

    return measured


def _losses(
    metric: Metric, predictions: NDArray[np.floating], y: NDArray[Any], rule: DecisionRule
) -> NDArray[np.float64] | None:
    """Return what each example adds to a metric that is a mean over examples: (n_trials, n_examples)."""
    match metric:
        case Metric.ERROR:
            return np.asarray(rule.labels(predictions) != y, dtype=np.float64)
        case Metric.LOG_LOSS:
            own = predictions[:, np.arange(len(y)), y].astype(np.float64)
            return np.asarray(-np.log(np.maximum(own, SMALLEST_PROBABILITY)))
        case _:
            return None


class TrialPredictions(NamedTuple):
    """What a trial predicted for the dev sets.

    Attributes
    ----------
    values
        As they are kept, for one dev set after the other (n_dev, n_outputs).
    folds
        The dev sets, one alone where there are no folds, with the targets on the trial's own scale.
    """

    values: NDArray[np.float32]
    folds: Sequence[TrainDevData]

    @property
    def are_whole(self) -> bool:
        """Whether there is a prediction for each dev example."""
        return len(self.values) == sum(len(fold.y_dev) for fold in self.folds)


FEWEST_TRIALS = 2
"""Of one trial alone there is nothing to select."""


def examine_selection(
    predictions: Sequence[TrialPredictions],
    *,
    units: NDArray[np.intp] | None,
    metric: Metric,
    seed: int,
) -> SelectionBootstrap | None:
    """Estimate by how much the best of several trials flatters; None where too little is kept to estimate it.

    Parameters
    ----------
    predictions
        Of each trial, for the same dev sets.
    units
        Numbers that examples share which came as one, of these dev sets one after the other (n_dev,); None
        where each came by itself.
    metric
        The study's metric.
    seed
        Source of what is drawn.
    """
    whole = [of_trial for of_trial in predictions if of_trial.are_whole]
    if len(whole) < FEWEST_TRIALS or len(whole[0].values) < FEWEST_EXAMPLES:
        return None
    stacked, y = in_one_unit(whole)
    # Folds share their examples, and so nearly the shares by which labels are decided.
    rule = decision_rule(metric, whole[0].folds[0].class_counts)
    return bootstrap_selection(metric, stacked, y, rule=rule, units=units, seed=seed)


def in_one_unit(trials: Sequence[TrialPredictions]) -> tuple[NDArray[np.floating], NDArray[Any]]:
    """Return trials' predictions (n_trials, n_dev, n_outputs), and what is true (n_dev, ...), in one unit.

    It has the first trial's offset: that of a standardised target is left out, that of a logarithm is not.

    Parameters
    ----------
    trials
        One at least, of the same dev sets.
    """
    first = trials[0].folds
    true = [in_target_unit(np.zeros_like(fold.y_dev), fold)[1] for fold in first]
    cuts = np.cumsum([len(y) for y in true])[:-1]
    return np.stack(
        [
            np.concatenate(
                [
                    in_target_unit(part, fold)[0]
                    if _are_on_one_scale(fold, of_first)
                    else in_unit_about(y, part, fold)
                    for part, fold, of_first, y in zip(
                        np.split(trial.values, cuts), trial.folds, first, true, strict=True
                    )
                ]
            )
            for trial in trials
        ]
    ), np.concatenate(true)


def _are_on_one_scale(one: TrainDevData, other: TrainDevData) -> bool:
    return (one.target_deviation, one.log_target_mean) == (other.target_deviation, other.log_target_mean)


def units_of_dev_sets(sets: Split) -> NDArray[np.intp] | None:
    """Return the units of a split's dev sets, one after the other (n_dev,); None where each row is one.

    With repeated folds a row is in several dev sets, and is one unit in them all.

    Parameters
    ----------
    sets
        The split.
    """
    rows: NDArray[np.int64] = np.concatenate([fold.dev for fold in sets.folds])
    if sets.known.units is not None:
        return sets.known.units[rows]
    return rows.astype(np.intp) if len(np.unique(rows)) < len(rows) else None
