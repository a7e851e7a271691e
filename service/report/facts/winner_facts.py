"""The winner in a report: its point, its figures and folds, and the average of its seeds' models."""

from optuna.trial import FrozenTrial
from pydantic import BaseModel, ConfigDict

from search_spaces.values import Value
from service.report.facts.search_facts import origin_of
from service.study.search.trial_records import dev_figures_of
from service.study.storage.kept_trials import TrialRecord, record_of
from service.study.storage.stored_study import StoredStudy
from service.winner.examination.ensemble import EnsembleMember
from service.winner.examination.figures import ByClass
from service.winner.examination.measured_winner import MeasuredWinner
from workers.metrics.metric import Metric


class Ensemble(BaseModel):
    """The weighted average that is shipped, beside the winner's own model, which is not."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    members: tuple[EnsembleMember, ...]
    """Trainings whose models are averaged, the one that counts most first."""

    n_candidates: int
    """Trainings that they were selected among: the best trials, and the finalists' runs with other seeds."""

    dev_metric: float
    """The study's metric of the average on the dev set: it was selected on it."""

    single_dev_metric: float
    """The same of the winner's own model: it was selected on it."""

    single_figures: dict[str, dict[str, float]]
    """All metrics of the winner's own model, by known set."""


def _ensemble_of(measured: MeasuredWinner, metric: Metric) -> Ensemble | None:
    """Return what was measured of an ensemble as the report has it; None where there is none."""
    ensemble = measured.ensemble
    if ensemble is None:
        return None
    return Ensemble(
        members=ensemble.members,
        n_candidates=ensemble.n_candidates,
        dev_metric=measured.figures["dev"][metric],
        single_dev_metric=ensemble.single["dev"][metric],
        single_figures=ensemble.single,
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
    """Each counted from 1 in its fold; a refit is trained on train and dev set for their lower median."""

    are_averaged: bool
    """Whether the folds' models are averaged; else one is trained on train and dev set together. Folds that
    follow each other in time are not averaged: the first of their models know little."""


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

    With folds, `dev` is their mean. Where their models are averaged, so is `train`, of what each was trained
    on: both are of single models, which are mostly a little worse than their average. With a refit, `train`
    is of the model trained on train and dev set together.
    """

    n_models: int
    """Models whose predictions are averaged in `figures`; 1 of a single one."""

    ensemble: Ensemble | None
    """What is averaged in the place of the winner's own model; None where nothing is."""

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
        folds=_folds(record, are_averaged=_are_averaged(study, measured)),
        best_epoch=record.best_epoch,
        epochs=record.epochs,
        model_figures=dict(record.model_figures),
        figures=measured.figures if measured else None,
        n_models=measured.n_models if measured else 1,
        ensemble=_ensemble_of(measured, study.metric) if measured else None,
        baselines=measured.baselines if measured else {},
        dev_by_class=measured.dev_by_class if measured else None,
        baseline_strengths=measured.strengths if measured else {},
        is_reproduced=measured.is_reproduced if measured else True,
    )


def _are_averaged(study: StoredStudy, measured: MeasuredWinner | None) -> bool:
    return measured.averages_folds if measured else not study.config.confirmation.refit


def _folds(record: TrialRecord, *, are_averaged: bool) -> Folds | None:
    if record.standard_error is None:  # a complete trial has one wherever it has folds
        return None
    return Folds(
        metrics=tuple(record.fold_metrics),
        standard_error=record.standard_error,
        best_epochs=tuple(record.best_epochs),
        are_averaged=are_averaged,
    )
