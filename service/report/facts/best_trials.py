"""The best trials of a study, as `proctor best` and `proctor show` tell them."""

from collections.abc import Sequence

from optuna.trial import FrozenTrial
from pydantic import BaseModel, ConfigDict

from search_spaces.values import Value
from service.advice.confirmation import finalist_of
from service.study.search.trial_records import dev_figures_of
from service.study.search.winner import has_all_runs, is_confirmed, ranking
from service.study.storage.kept_trials import confirmations, record_of
from workers.metrics.metric import Metric


class BestTrial(BaseModel):
    """A complete trial among the best; figures are on the dev set, at the best epoch."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    trial: int
    """Its number."""

    is_confirmed: bool
    """Whether it is ranked by its mean over seeds; else by the figure that its own seed gave."""

    dev_metric: float
    """The study's metric, with its own seed; over folds, their mean."""

    dev_loss: float
    """The loss, likewise."""

    standard_error: float | None
    """Of a mean over folds; None where there is one dev set."""

    n_seeds: int
    """Seeds that it was trained with to the end: its own, and those of complete confirmation runs."""

    n_failed_runs: int
    """Confirmation runs that broke off."""

    mean: float | None
    """The study's metric over its seeds; None where there is but one."""

    deviation: float | None
    """Of the seeds' figures from their mean, with n - 1; None where there is but one."""

    best_epoch: int
    """Counted from 1; over folds, their lower median."""

    epochs: int
    """Epochs run, in all folds."""

    n_folds: int
    """Whole folds; 0 where there is one dev set."""

    hyperparameters: dict[str, Value]
    """Those that were searched in it."""


class BestTrials(BaseModel):
    """The best of a study's trials."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    study: str
    metric: Metric
    """What they are ranked by."""

    n_complete: int
    """All complete trials, confirmation runs left out."""

    best: tuple[BestTrial, ...]
    """The winner first, confirmed trials before all others."""


def best_trials(study: str, trials: Sequence[FrozenTrial], metric: Metric, *, n: int) -> BestTrials:
    """Return a study's best trials: the order in which they would have won.

    Parameters
    ----------
    study
        The study's name.
    trials
        Its trials, confirmation runs among them.
    metric
        Its metric.
    n
        Most trials to return.
    """
    ranked = ranking(trials, metric)
    runs, is_over = confirmations(trials), has_all_runs(trials)
    best = []
    for trial in ranked[:n]:
        of_trial = runs.get(trial.number, ())
        finalist, figures = finalist_of(trial, of_trial), dev_figures_of(trial)
        record = record_of(trial)
        best.append(
            BestTrial(
                trial=trial.number,
                is_confirmed=is_over and is_confirmed(of_trial),
                dev_metric=figures.metric,
                dev_loss=figures.loss,
                standard_error=record.standard_error,
                n_seeds=1 + len(finalist.other_figures),
                n_failed_runs=finalist.n_failed,
                mean=finalist.mean if finalist.other_figures else None,
                deviation=finalist.deviation,
                best_epoch=record.best_epoch,
                epochs=record.epochs,
                n_folds=len(record.fold_metrics),
                hyperparameters=dict(trial.params),
            )
        )
    return BestTrials(study=study, metric=metric, n_complete=len(ranked), best=tuple(best))
