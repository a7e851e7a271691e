"""The winner in a report: its point, its figures and folds, and the average of its seeds' models."""

from optuna.trial import FrozenTrial
from pydantic import BaseModel, ConfigDict

from search_spaces.values import Value
from service.report.facts.search_facts import origin_of
from service.study.search.trial_records import dev_figures_of
from service.study.storage.kept_trials import TrialRecord, record_of
from service.study.storage.stored_study import StoredStudy
from service.winner.examination.ensemble import MeasuredEnsemble
from service.winner.examination.figures import ByClass
from service.winner.examination.measured_winner import MeasuredWinner
from workers.metrics.metric import Metric


class Ensemble(BaseModel):
    """The average of the models that the winner's seeds gave, beside its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    n_models: int
    """Models that were averaged: the winner's own and those of its confirmation runs."""

    is_shipped: bool
    """Whether the average sits the test set, is exported and predicts; else the winner's own does."""

    dev_metric: float
    """The study's metric of the average on the dev set."""

    mean_dev_metric: float
    """Mean of the models' own; the average is shipped where it is no worse."""

    single_dev_metric: float
    """That of the winner's own model; it was selected on it."""

    average_figures: dict[str, dict[str, float]]
    """All metrics of the average, by known set."""

    single_figures: dict[str, dict[str, float]]
    """All metrics of the winner's own model, by known set."""


def _ensemble_of(measured: MeasuredEnsemble | None, metric: Metric) -> Ensemble | None:
    """Return what was measured of an ensemble as the report has it; None where there was none.

    Parameters
    ----------
    measured
        What was measured.
    metric
        The study's metric.
    """
    if measured is None:
        return None
    return Ensemble(
        n_models=measured.n_models,
        is_shipped=measured.is_shipped,
        dev_metric=measured.average["dev"][metric],
        mean_dev_metric=measured.mean_dev_metric,
        single_dev_metric=measured.single["dev"][metric],
        average_figures=measured.average,
        single_figures=measured.single,
    )


Figures = dict[str, float]
"""All metrics of the task by name, each in its own unit and sense."""


class Folds(BaseModel):
    """What the winner reached in each fold, in their order; each dev set is judged by its fold's model."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    metrics: tuple[float, ...]
    """The study's metric on the fold's dev set, at the fold's best epoch."""

    standard_error: float
    """Of their mean: deviation over the square root of their number; too small, as folds share examples."""

    best_epochs: tuple[int, ...]
    """Each counted from 1 in its fold; the winner was trained on train and dev set for their lower median."""


class Winner(BaseModel):
    """The trial chosen on the dev set."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    trial: int
    """Its number."""

    kind: str
    """Kind of model."""

    hyperparameters: dict[str, Value | None]
    """All of them, searched and fixed."""

    searched: tuple[str, ...]
    """Names of those that were searched in this trial."""

    fixed: tuple[str, ...]
    """Names of those that were not, and have other values than their defaults."""

    origin: str
    """Where its point came from: `sampler`, `default`, `user`, `study NAME`, or `failed trial N`."""

    dev_metric: float
    """The metric that it was chosen by, with its own seed; over folds, their mean."""

    folds: Folds | None
    """None where there is one dev set."""

    best_epoch: int
    """The epoch whose weights it has, counted from 1."""

    epochs: int
    """Epochs run, in all folds."""

    model_figures: dict[str, float]
    """What the model shows of itself, by name: of a network, the share of its weights that are 0, if any."""

    figures: dict[str, Figures] | None
    """By set, `train`, `train-dev` if there is one, and `dev`; None until it has been trained again for them.

    With folds, `dev` is their mean, and `train` is of the model trained on train and dev set together.
    """

    n_models: int
    """Models whose predictions are averaged in `figures`: 1, or the winner's own and its further seeds'."""

    ensemble: Ensemble | None
    """What was measured of its seeds' average and of its own model; None where there is no average."""

    baselines: dict[str, dict[str, Figures]]
    """By model and set: the majority class (or the mean), a linear model and boosted trees."""

    baseline_strengths: dict[str, float]
    """By linear baseline, its regularization as it was chosen on the dev set: C, or alpha."""

    dev_by_class: ByClass | None
    """Recall and precision of each class of the dev set; None in regression, over folds, until measured."""

    is_reproduced: bool
    """Whether training it again, each of its models, gave the very figures that it won with."""


def reported_winner(study: StoredStudy, trial: FrozenTrial, measured: MeasuredWinner | None) -> Winner:
    """Return the winner as the report has it, with what was measured of it, if it has been."""
    record, space = record_of(trial), study.config.space
    values = space.point(trial.params).model_dump(mode="json")
    return Winner(
        trial=trial.number,
        kind=space.kind(),
        hyperparameters=values,
        searched=tuple(trial.params),
        fixed=tuple(
            name
            for name, value in values.items()
            if name not in trial.params and value != space.fields.default_of(name)
        ),
        origin=origin_of(trial, study.enqueued),
        dev_metric=dev_figures_of(trial).metric,
        folds=_folds(record),
        best_epoch=record.best_epoch,
        epochs=record.epochs,
        model_figures=dict(record.model_figures),
        figures=measured.figures if measured else None,
        n_models=measured.n_models if measured else 1,
        ensemble=_ensemble_of(measured.ensemble, study.metric) if measured else None,
        baselines=measured.baselines if measured else {},
        dev_by_class=measured.dev_by_class if measured else None,
        baseline_strengths=measured.strengths if measured else {},
        is_reproduced=measured.is_reproduced if measured else True,
    )


def _folds(record: TrialRecord) -> Folds | None:
    if record.standard_error is None:  # a complete trial has one wherever it has folds
        return None
    return Folds(
        metrics=tuple(record.fold_metrics),
        standard_error=record.standard_error,
        best_epochs=tuple(record.best_epochs),
    )
