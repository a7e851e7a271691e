"""The trials of a study: the best of them, and all of them, a row each.

`proctor best` and `proctor show` print the best; `proctor trials` lists all, and writes them to a file.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

import polars as pl
from optuna.trial import FrozenTrial
from pydantic import BaseModel, ConfigDict

from search_spaces.dimensions import CategoricalDimension, ConstantDimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.values import Value
from service.advice.confirmation import finalist_of
from service.study.search.trial_records import dev_figures_of
from service.study.search.winner import has_all_runs, is_confirmed, ranking
from service.study.storage.kept_trials import confirmations, record_of
from service.study.storage.stored_study import StoredStudy
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


class Kind(StrEnum):
    """What a trial is there for."""

    SEARCHED = "searched"
    CONFIRMATION = "confirmation"
    FOREIGN = "foreign"


class State(StrEnum):
    """How a trial stands, by Optuna's names; where nobody runs the study, one without a result waits."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAIL = "fail"


class TrialRow(BaseModel):
    """A trial; what it has not, or not yet, is None."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    trial: int
    """Its number."""

    kind: Kind
    """Whether it tries a point, repeats a finalist, or is another tool's."""

    state: State
    set_aside: str | None
    """Why a person set it aside; empty where no reason was given, None where it was not."""

    dev_metric: float | None
    """The study's metric on the dev set: of a complete trial at its best epoch, of a pruned one at its last;
    over folds, their mean. Of a foreign trial the value that the other tool wrote, in whatever unit."""

    dev_loss: float | None
    """The loss at the best epoch."""

    best_epoch: int | None
    epochs: int | None
    """Epochs run, in all folds."""

    seconds: float | None
    started: datetime | None
    """UTC, like `ended`."""

    ended: datetime | None
    worker: str | None
    runs: int | None
    """How often it was started."""

    seed: int | None
    confirms: int | None
    """Of a confirmation: the trial that it repeats."""

    failure_reason: str | None
    hyperparameters: dict[str, Value]
    """Those that were searched in it."""


class TrialRows(BaseModel):
    """A study's trials."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    study: str
    metric: Metric
    """What `dev_metric` is."""

    n_trials: int
    """All trials, also those that are not among `trials`."""

    trials: tuple[TrialRow, ...]
    """By number."""


def trial_rows(study: StoredStudy, *, state: State | None = None, n: int | None = None) -> TrialRows:
    """Return a study's trials, by number.

    Parameters
    ----------
    study
        The study.
    state
        The state of those that are returned; None for all.
    n
        Most of them to return, the newest; None for all.
    """
    foreign = [each.trial for each in study.foreign if not each.is_taken_back]
    trials = [*study.trials, *study.earlier_confirmations, *foreign]
    rows = [_row(trial) for trial in sorted(trials, key=lambda trial: trial.number)]
    found = [row for row in rows if state in {None, row.state}]
    return TrialRows(
        study=study.config.name,
        metric=study.metric,
        n_trials=len(rows),
        trials=tuple(found if n is None else found[-n:]),
    )


def _row(trial: FrozenTrial) -> TrialRow:
    record = record_of(trial)
    is_ours = record.is_of_coordinator
    kind = Kind.CONFIRMATION if record.is_confirmation else Kind.SEARCHED
    has_figures = is_ours and trial.value is not None
    return TrialRow(
        trial=trial.number,
        kind=kind if is_ours else Kind.FOREIGN,
        state=State[trial.state.name],
        set_aside=record.set_aside,
        dev_metric=None if trial.values is None else trial.values[0],
        dev_loss=record.dev_loss if has_figures else None,
        best_epoch=record.best_epoch if has_figures else None,
        epochs=record.epochs if is_ours and record.runs is not None else None,
        seconds=record.seconds if is_ours else None,
        started=_in_utc(trial.datetime_start),
        ended=_in_utc(trial.datetime_complete),
        worker=record.worker if is_ours else None,
        runs=record.runs if is_ours else None,
        seed=record.seed if is_ours else None,
        confirms=record.confirms,
        failure_reason=(record.failure_reason or None) if is_ours else None,
        hyperparameters=dict(trial.params),
    )


def _in_utc(local: datetime | None) -> datetime | None:
    """Return a time, which Optuna gives as local time without saying so, with its zone."""
    return None if local is None else local.astimezone(UTC)


_Type = pl.DataType | type[pl.DataType]

_PLAIN: dict[str, _Type] = {
    "trial": pl.Int64,
    "kind": pl.String,
    "state": pl.String,
    "set_aside": pl.String,
    "dev_metric": pl.Float64,
    "dev_loss": pl.Float64,
    "best_epoch": pl.Int64,
    "epochs": pl.Int64,
    "seconds": pl.Float64,
    "started": pl.Datetime("ms", "UTC"),
    "ended": pl.Datetime("ms", "UTC"),
    "worker": pl.String,
    "runs": pl.Int64,
    "seed": pl.Int64,
    "confirms": pl.Int64,
    "failure_reason": pl.String,
}
"""Columns of all studies, with their types."""


def trials_frame(study: StoredStudy, rows: TrialRows) -> pl.DataFrame:
    """Return trials as a table with typed columns, a row each; the searched hyperparameters come last."""
    searched: dict[str, _Type] = {
        name: _type_of(dimension)
        for name, dimension in study.config.space.dimensions.items()
        if not isinstance(dimension, ConstantDimension)
    }
    columns = {name: [getattr(row, name) for row in rows.trials] for name in _PLAIN}
    columns |= {
        name: [_typed(row.hyperparameters.get(name), kind) for row in rows.trials]
        for name, kind in searched.items()
    }
    return pl.DataFrame(columns, schema=_PLAIN | searched)


def _type_of(dimension: FloatDimension | IntegerDimension | CategoricalDimension) -> _Type:
    match dimension:
        case FloatDimension():
            return pl.Float64
        case IntegerDimension():
            return pl.Int64
        case CategoricalDimension() if all(isinstance(choice, bool) for choice in dimension.choices):
            return pl.Boolean
        case CategoricalDimension() if all(isinstance(choice, int) for choice in dimension.choices):
            return pl.Int64
        case CategoricalDimension() if all(isinstance(choice, int | float) for choice in dimension.choices):
            return pl.Float64
        case _:
            return pl.String


def _typed(value: Value | None, kind: _Type) -> Value | None:
    """Return a value as its column holds it; None for one of another tool that does not fit."""
    if value is None or kind is pl.String:
        return None if value is None else f"{value}"
    if isinstance(value, str) or (kind is pl.Boolean) != isinstance(value, bool):
        return None
    if kind is pl.Int64:
        return int(value) if value == int(value) else None
    return float(value) if kind is pl.Float64 else value
