"""All that a report's file shows: the report, and what its pictures need of trials and curves.

It is gathered from storage and ledger alone; no table is read for it, so that no test row can be.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import FrozenTrial, TrialState

from search_spaces.values import Value
from service.errors import BadInputError
from service.report.facts.importance import Importances, importances_of
from service.report.facts.study_report import StudyReport, build_report
from service.study.search.winner import winner_of
from service.study.storage.kept_trials import FOLDS, confirmations, record_of, searched
from service.study.storage.stored_study import StoredStudy
from service.study.storage.study_store import StudyStore


@dataclass(frozen=True, slots=True)
class TriedPoint:
    """A trial that tried a point, as pictures of the search show it.

    Attributes
    ----------
    trial
        Its number.
    state
        How it ended.
    figure
        The study's metric on the dev set, at its best epoch; None where it has none.
    epochs
        Epochs run, in all folds.
    values
        Hyperparameters that were searched in it.
    """

    trial: int
    state: TrialState
    figure: float | None
    epochs: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Axis:
    """Where a hyperparameter was searched.

    Attributes
    ----------
    name
        The hyperparameter's.
    low, high
        The ends of its range; of choices the first and last place.
    is_log
        Whether equal steps along it are equal factors.
    choices
        Values without order; None of a range.
    """

    name: str
    low: float
    high: float
    is_log: bool
    choices: tuple[Value, ...] | None

    def position(self, value: Value) -> float:
        """Return where a value lies: itself, or its place among the choices."""
        if self.choices is not None:
            return float(self.choices.index(value))
        return float(value)


@dataclass(frozen=True, slots=True)
class SeedCurve:
    """How a run of the winner's hyperparameters learned; with folds, all of their epochs in order.

    Attributes
    ----------
    trial, seed
        The trial's number and seed.
    train_loss, dev_loss, dev_metric
        By epoch; the loss is what training lowers.
    best_epoch
        Whose weights were kept, counted from 1; None with folds, each of which has its own.
    activation_spreads
        By epoch and hidden layer: standard deviation of what the layer gives; empty where the model has none.
    """

    trial: int
    seed: int
    train_loss: tuple[float, ...]
    dev_loss: tuple[float, ...]
    dev_metric: tuple[float, ...]
    best_epoch: int | None
    activation_spreads: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class ReportContents:
    """A study's report and what its pictures need.

    Attributes
    ----------
    report
        The report.
    points
        Trials that tried a point, by number; confirmation runs are left out.
    axes
        Where was searched, a hyperparameter each, in the order of the space.
    importances
        Which hyperparameters decided; None where that is unknown.
    why_no_importances
        Why; None where it can.
    curves
        Of the winner and its confirmation runs, its own first; none while there is no winner.
    fingerprints
        By set, the name that its rows give it.
    versions, machine
        What the study was begun with.
    pruner
        Name of the rule that ended trials early; `none` where there was none.
    """

    report: StudyReport
    points: tuple[TriedPoint, ...]
    axes: tuple[Axis, ...]
    importances: Importances | None
    why_no_importances: str | None
    curves: tuple[SeedCurve, ...]
    fingerprints: Mapping[str, str]
    versions: Mapping[str, str]
    machine: Mapping[str, str | None]
    pruner: str


def gather_contents(
    study: StoredStudy, store: StudyStore, *, report: StudyReport | None = None
) -> ReportContents:
    """Gather what a report's file shows of a study.

    Parameters
    ----------
    study
        The study; the learning curves of its winner's runs are read into it.
    store
        Where it is kept.
    report
        Its report, where it has been made already.
    """
    report = build_report(study, store) if report is None else report
    trials = searched(study.trials)
    importances, why_not = _importances(study)
    return ReportContents(
        report=report,
        points=tuple(_point(trial) for trial in trials),
        axes=tuple(_axes(trials)),
        importances=importances,
        why_no_importances=why_not,
        curves=tuple(_curves(study, store)) if report.winner is not None else (),
        fingerprints=_fingerprints(study),
        versions=study.versions,
        machine=study.machine,
        pruner=str(study.config.pruner.kind),
    )


def _point(trial: FrozenTrial) -> TriedPoint:
    return TriedPoint(
        trial=trial.number,
        state=trial.state,
        figure=trial.value,
        epochs=record_of(trial).epochs,
        values=trial.params,
    )


def _axes(trials: Sequence[FrozenTrial]) -> Iterator[Axis]:
    distributions: dict[str, BaseDistribution] = {}
    for trial in trials:
        distributions |= trial.distributions
    for name, distribution in distributions.items():
        if isinstance(distribution, CategoricalDistribution):
            choices: Any = distribution.choices  # Optuna's may be None; a space's never are
            yield Axis(name, 0.0, float(len(choices) - 1), is_log=False, choices=tuple(choices))
        else:
            of: Any = distribution
            yield Axis(name, float(of.low), float(of.high), is_log=of.log, choices=None)


def _importances(study: StoredStudy) -> tuple[Importances | None, str | None]:
    try:
        return importances_of(study.config.name, study.trials, study.metric), None
    except BadInputError as error:
        return None, str(error)


def _curves(study: StoredStudy, store: StudyStore) -> Iterator[SeedCurve]:
    winner = winner_of(study.trials, study.metric)
    runs = [winner, *confirmations(study.trials).get(winner.number, ())]
    store.read_curves(study.config.name, runs)
    for run in runs:
        record = record_of(run)
        curve = record.learning_curve
        if curve and curve["dev_loss"]:
            yield SeedCurve(
                trial=run.number,
                seed=record.seed,
                train_loss=tuple(curve["train_loss"]),
                dev_loss=tuple(curve["dev_loss"]),
                dev_metric=tuple(curve["dev_metric"]),
                best_epoch=None if FOLDS in curve else record.best_epoch,
                activation_spreads=tuple(map(tuple, curve.get("activation_spreads", ()))),
            )


def _fingerprints(study: StoredStudy) -> dict[str, str]:
    found = {"train and dev rows": study.known_fingerprint}
    return found if study.test_fingerprint is None else found | {"test rows": study.test_fingerprint}
