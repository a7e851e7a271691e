"""The report: all that a study has to say, as one value with a documented JSON schema.

It is made from storage and ledger alone, so that `run`, `resume`, `unseal` and `show` say the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from optuna.trial import FrozenTrial, TrialState
from pydantic import BaseModel, ConfigDict

from search_spaces.hyperparameters import Hyperparameters
from service.advice.advised_steps import AdvisedStep
from service.advice.confirmation import Confirmation, confirmation_of
from service.advice.expected_best import ExpectedBest, expected_best_in
from service.advice.findings import Finding
from service.advice.rounds import Chain, Rounds, chain_of, rounds_of
from service.advice.study_diagnosis import Gaps, diagnose_study
from service.data.checks.separation import AdversarialCheck
from service.report.facts.ensemble import Ensemble, ensemble_of
from service.report.facts.final_facts import (
    EarlierLooks,
    Learned,
    Overfitting,
    SearchAfterLook,
    earlier_looks,
    learned_on_dev,
    learned_on_test,
    overfitting_of,
    searches_after_looks,
)
from service.report.facts.foreign_facts import ForeignFact, foreign_facts, set_aside_in
from service.report.facts.optimism import Optimism, estimate_optimism
from service.report.facts.paired_difference import Difference, difference_of
from service.report.facts.search_facts import ending_of, failures, failures_in_common, origin_of, origins_of
from service.seal.openings import Look
from service.seal.split_decisions import EqualRows, TrainDevDecision
from service.study.search.search_budget import SearchEnding, search_seconds, training_seconds
from service.study.search.trial_records import dev_figures_of
from service.study.search.winner import has_winner, winner_of
from service.study.storage.kept_trials import TrialRecord, record_of, searched
from service.study.storage.stored_study import StoredStudy
from service.study.storage.study_store import StudyStore
from service.uncertainty.interval import Interval, students_quantile
from service.winner.examination.dev_analysis.values import DevAnalysis
from service.winner.examination.figures import ByClass
from service.winner.examination.measured_winner import MeasuredWinner, measured_winner
from service.winner.examination.selection import SelectionBootstrap
from service.winner.learning_curve.learning_curve import LearningCurve
from service.winner.noise_floor.floor import BesideConstant
from workers.metrics.metric import Metric
from workers.train_dev_data import Task

_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

Figures = dict[str, float]
"""All metrics of the task by name, each in its own unit and sense."""


class Counts(BaseModel):
    """Trials by how they stand; confirmation runs, which try no point, are counted apart."""

    model_config = _VALUE_OBJECT

    budget: int
    """Trials that the study is to have."""

    complete: int
    pruned: int
    failed: int
    running: int

    confirmation_runs: int
    """Runs of finalists with other seeds, however they stand."""


class Folds(BaseModel):
    """What the winner reached in each fold, in their order; each dev set is judged by its fold's network."""

    model_config = _VALUE_OBJECT

    metrics: tuple[float, ...]
    """The study's metric on the fold's dev set, at the fold's best epoch."""

    standard_error: float
    """Of their mean: deviation over the square root of their number; too small, as folds share examples."""

    best_epochs: tuple[int, ...]
    """Each counted from 1 in its fold; the winner was trained on train and dev set for their lower median."""


class Winner(BaseModel):
    """The trial chosen on the dev set."""

    model_config = _VALUE_OBJECT

    trial: int
    """Its number."""

    hyperparameters: Hyperparameters
    """All of them, searched and fixed."""

    searched: tuple[str, ...]
    """Names of those that were searched in this trial."""

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

    zero_share: float
    """Share of its weights that are exactly 0 (fraction)."""

    figures: dict[str, Figures] | None
    """By set, `train`, `train-dev` if there is one, and `dev`; None until it has been trained again for them.

    With folds, `dev` is their mean, and `train` is of the network trained on train and dev set together.
    """

    n_networks: int
    """Networks whose predictions are averaged in `figures`: 1, or the winner's own and its further seeds'."""

    ensemble: Ensemble | None
    """What was measured of its seeds' average and of its own network; None where there is no average."""

    baselines: dict[str, dict[str, Figures]]
    """By model and set: the majority class (or the mean), a linear model and boosted trees."""

    baseline_strengths: dict[str, float]
    """By linear baseline, its regularization as it was chosen on the dev set: C, or alpha."""

    dev_by_class: ByClass | None
    """Recall and precision of each class of the dev set; None in regression, over folds, until measured."""

    is_reproduced: bool
    """Whether training it again, each of its networks, gave the very figures that it won with."""


class TestFigures(BaseModel):
    """What the opening for the winner showed; `searches_after_looks` has what was seen of earlier winners."""

    model_config = _VALUE_OBJECT

    winner_trial: int
    """The trial that sat the test set."""

    n_networks: int
    """Networks whose average sat it; 1 of a single one."""

    n_examples: int
    """Size of the test set."""

    models: dict[str, Figures]
    """By model: `winner`, and the baselines at the same opening."""

    by_class: ByClass | None
    """Recall and precision of each class, for the winner; None in regression."""
    differences: dict[str, dict[str, Difference]]
    """By baseline and metric: the winner's figure less the baseline's on the same rows."""

    interval: tuple[float, float]
    """95 % interval of the study's metric, for the winner."""

    interval_method: str
    """How the interval was made."""

    n_faulty: dict[str, int]
    """By column, cells that were none of its kind and were taken for missing; only columns with some."""


class LookLine(BaseModel):
    """One look at this test set, by this study or another in the same database."""

    model_config = _VALUE_OBJECT

    study: str
    """Its name now; what it was called then, where it is deleted."""

    is_deleted: bool
    """Whether that study is there no more."""

    look: int
    """The number of this look, counted within that study."""

    opened_at: datetime
    """UTC."""

    user: str
    """Whose process it was."""

    reason: str | None
    """Why it looked again; None where it did not have to say."""

    is_finished: bool
    """False where a process ended between opening and figures."""

    @property
    def named(self) -> str:
        """The study's name, as it is said to people."""
        return f"{self.study} (deleted)" if self.is_deleted else self.study


class StudyReport(BaseModel):
    """A study's report; `proctor schema --report` prints the JSON schema."""

    model_config = _VALUE_OBJECT

    schema_version: int = 11
    study: str
    copy_of: str | None
    """The study that it was copied from, where that is still there."""

    learned: Learned | None
    """Whether the winner is better than a constant beyond chance: where it is not, nothing was learned. None
    until the winner has been trained again, and of a metric that a constant may be perfect in."""

    storage: str
    """URL of the database, without a password."""

    table: str
    target: str
    task: Task
    metric: Metric
    """What trials are chosen by, on the dev set."""

    watch: Metric
    """What early stopping and pruning watched, on the dev set."""

    n_examples: dict[str, int]
    """By set: `train`, `train-dev`, `dev`, `test`, those that there are."""

    equal_rows: EqualRows
    """What was decided about rows that equal another one in every feature."""

    train_dev: TrainDevDecision | None
    """What was decided about a train-dev set; null where the dev set has no file of its own."""

    seed: int
    concurrency: int
    reproduce: str
    """The command that gives the same study again, with all its rounds, under its present name; the database
    that it is in takes it under another name."""

    trials: Counts
    failures: dict[str, int]
    """How often trials failed, by reason."""

    failures_in_common: str | None
    """What they have in common, in one line; None where fewer than half of the trials failed."""

    origins: dict[str, int]
    """Where trials' points came from: how many from `sampler`, `default`, `user`, `study NAME` and so on."""

    ending: SearchEnding | None
    """Why the search ended; None while it goes on."""

    search_seconds: float
    """Time in which its trials were trained, side by side or not, without the time between two commands and
    without confirmation runs (seconds)."""

    training_seconds: float
    """Sum of these trials' durations."""

    winner: Winner | None
    """None while no trial is complete."""

    confirmation: Confirmation | None
    """How the finalists did with other seeds; None where none was run again."""

    optimism: Optimism | None
    """By how much the winner's dev figure flatters, as it was chosen by it; None while there is no winner."""

    selection_bootstrap: SelectionBootstrap | None
    """The same, by resampling the dev set; None where trials' dev predictions were not at hand."""

    set_aside: dict[int, str]
    """Trials that a person set aside, which are neither ranked nor chosen, and why, as far as it was said."""

    foreign_trials: tuple[ForeignFact, ...]
    """Trials that another tool made or ended: nothing else here rests on them."""

    expected_best_so_far: ExpectedBest
    """What fewer trials would have reached on average."""

    gaps: Gaps | None
    findings: tuple[Finding, ...]
    """What the whole search shows beyond chance."""

    advice: tuple[AdvisedStep, ...]
    """Steps to try next, the first one first; none until the winner has been trained again."""

    dev_analysis: DevAnalysis | None
    """Where the winner errs on the dev set; None until the winner is trained again, and with folds."""

    learning_curve: LearningCurve | None
    """What more train examples would bring; None until `proctor learning-curve` has measured it."""

    rounds: Rounds | None
    """The rounds that it is one of; None where there is but one study."""

    adversarial: AdversarialCheck | None
    """How far train and dev set are apart, where dev is from elsewhere and the winner was trained again."""

    overfitting: Overfitting | None
    """How much worse the winner did on the test set than on dev; None until the opening."""

    test: TestFigures | None
    """None until the opening; and always where `n_examples` has no `test`: the dev figure is all there is."""

    looks: tuple[LookLine, ...]
    """All looks at this test set, in the order of their opening."""

    earlier_looks: EarlierLooks | None
    """Why the test figure is sealed where other studies opened the test set, or this one did for another
    winner; None once it was opened for this one."""

    searches_after_looks: tuple[SearchAfterLook, ...]
    """Looks by this study after which its search went on; none where each look came after its last trial."""

    @property
    def own_looks(self) -> tuple[LookLine, ...]:
        """The study's own looks at the test set; its rounds are one study."""
        names = {self.study} if self.rounds is None else {line.study for line in self.rounds.rounds}
        return tuple(look for look in self.looks if look.study in names and not look.is_deleted)

    @property
    def others_looks(self) -> tuple[LookLine, ...]:
        """Looks of other studies at the same test set."""
        return tuple(look for look in self.looks if look not in self.own_looks)

    @property
    def has_test_set(self) -> bool:
        """Whether there is a test set, opened or not; else the one figure is the dev set's."""
        return "test" in self.n_examples


def build_report(study: StoredStudy, store: StudyStore) -> StudyReport:
    """Make a study's report from what is stored, in the study and in the ledger beside it."""
    ledger = store.ledger()
    config, trials = study.config, searched(study.trials)
    chosen = winner_of(study.trials, study.metric) if has_winner(study.trials) else None
    measured = None if chosen is None else measured_winner(study, chosen.number)
    winner = None if chosen is None else _winner(study, chosen, measured)
    confirmation = confirmation_of(study.trials, study.metric)
    expected = expected_best_in(study)
    diagnosis = diagnose_study(study, expected=expected)
    chain = chain_of(store, study)
    optimism = _optimism(study, winner, measured, chain)
    bootstrap = None if measured is None else measured.selection_bootstrap
    looks = () if study.test_fingerprint is None else ledger.looks_at(study.test_fingerprint)
    of_line = ledger.looks_of_line(study.identity)
    own = [look for look in of_line if study.identity.owns(look.study_key, look.study_id)]
    test = _test(own if chosen is None else _of_winner(own, chosen.number))
    return StudyReport(
        study=config.name,
        copy_of=study.identity.copy_of,
        learned=_learned(study.metric, diagnosis.beside_constant, winner, test),
        storage=store.shown_url,
        table=config.data.table,
        target=study.target,
        task=study.task,
        metric=study.metric,
        watch=study.watch,
        n_examples=study.n_examples,
        equal_rows=study.equal_rows,
        train_dev=study.train_dev,
        seed=config.seed,
        concurrency=study.concurrency,
        reproduce=chain.first.command,
        trials=_counts(study),
        failures=failures(trials),
        failures_in_common=failures_in_common(trials),
        origins=origins_of(trials, study.enqueued),
        ending=_ending(study),
        search_seconds=search_seconds(study.trials),
        training_seconds=training_seconds(trials),
        winner=winner,
        confirmation=confirmation,
        optimism=optimism,
        selection_bootstrap=bootstrap,
        set_aside=set_aside_in(study),
        foreign_trials=foreign_facts(study),
        expected_best_so_far=expected,
        gaps=diagnosis.gaps,
        findings=diagnosis.findings,
        advice=diagnosis.advice,
        dev_analysis=None if measured is None else measured.dev_analysis,
        learning_curve=_learning_curve(study),
        rounds=rounds_of(chain),
        adversarial=None if measured is None else measured.adversarial,
        overfitting=_overfitting(
            study, winner, measured, test, foretold=_foretold(bootstrap, optimism, chain)
        ),
        test=test,
        looks=tuple(map(_look_line, looks)),
        earlier_looks=earlier_looks(chain, looks, winner=None if chosen is None else chosen.number),
        searches_after_looks=searches_after_looks(study, of_line),
    )


def _learned(
    metric: Metric, beside: BesideConstant | None, winner: Winner | None, test: TestFigures | None
) -> Learned | None:
    """Return whether anything was learned, by the test set where the winner was evaluated on it."""
    if beside is None:
        return None
    if test is None or winner is None or test.winner_trial != winner.trial:
        return learned_on_dev(beside)
    difference = test.differences[beside.constant][metric]
    if difference.interval is None:  # these test rows tell nothing
        return learned_on_dev(beside)
    return learned_on_test(metric, difference, beside.constant)


def _counts(study: StoredStudy) -> Counts:
    states = [trial.state for trial in searched(study.trials)]
    return Counts(
        budget=study.config.trials,
        complete=states.count(TrialState.COMPLETE),
        pruned=states.count(TrialState.PRUNED),
        failed=states.count(TrialState.FAIL),
        running=states.count(TrialState.RUNNING),
        confirmation_runs=len(study.trials) - len(states),
    )


def _ending(study: StoredStudy) -> SearchEnding | None:
    n_ended = sum(trial.state.is_finished() for trial in searched(study.trials))
    return ending_of(study.ending, n_left=study.config.trials - n_ended, budget=study.config.trials)


def _winner(study: StoredStudy, trial: FrozenTrial, measured: MeasuredWinner | None) -> Winner:
    record = record_of(trial)
    return Winner(
        trial=trial.number,
        hyperparameters=study.config.space.point(trial.params),
        searched=tuple(trial.params),
        origin=origin_of(trial, study.enqueued),
        dev_metric=dev_figures_of(trial).metric,
        folds=_folds(record),
        best_epoch=record.best_epoch,
        epochs=record.epochs,
        zero_share=record.zero_share,
        figures=measured.figures if measured else None,
        n_networks=measured.n_networks if measured else 1,
        ensemble=ensemble_of(measured.ensemble, study.metric) if measured else None,
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


def _optimism(
    study: StoredStudy, winner: Winner | None, measured: MeasuredWinner | None, chain: Chain
) -> Optimism | None:
    if winner is None:
        return None
    is_best = (chain.ending or {}).get("winner") == study.config.name
    among = chain.studies if is_best else [study]  # the best of all rounds was chosen among all their trials
    return estimate_optimism(
        study.metric,
        dev_figure=winner.dev_metric,
        standard_error=None if measured is None else measured.standard_errors["dev"],
        # A failed one has none, and a confirmation run was not selected among.
        n_trials=sum(trial.value is not None for each in among for trial in searched(each.trials)),
    )


def _foretold(bootstrap: SelectionBootstrap | None, optimism: Optimism | None, chain: Chain) -> float | None:
    """Return by how much the dev figure is reckoned to flatter: by resampling, else by the formula.

    Trials of other rounds are not among those that were resampled.
    """
    if bootstrap is not None and len(chain.studies) == 1:
        return bootstrap.size
    return None if optimism is None else optimism.size


def _overfitting(
    study: StoredStudy,
    winner: Winner | None,
    measured: MeasuredWinner | None,
    test: TestFigures | None,
    *,
    foretold: float | None,
) -> Overfitting | None:
    if winner is None or measured is None or test is None or test.winner_trial != measured.trial:
        return None
    dev = measured.figures["dev"][study.metric]
    return overfitting_of(
        study.metric,
        dev=dev,
        dev_interval=_dev_interval(
            study.metric, measured, n_folds=len(winner.folds.metrics) if winner.folds else 1
        ),
        test=test.models["winner"][study.metric],
        test_interval=Interval(*test.interval),
        foretold=foretold,
    )


def _dev_interval(metric: Metric, measured: MeasuredWinner, *, n_folds: int) -> Interval:
    """Return the dev figure's interval; over folds Student's, as few folds show how they differ."""
    if measured.dev_intervals is not None:
        return measured.dev_intervals[metric]
    figure = measured.figures["dev"][metric]
    half = students_quantile(n_folds - 1) * measured.standard_errors["dev"]
    return Interval(figure - half, figure + half)


def _learning_curve(study: StoredStudy) -> LearningCurve | None:
    return None if study.learning_curve is None else LearningCurve.model_validate(study.learning_curve)


def _of_winner(looks: Sequence[Look], winner: int) -> list[Look]:
    """Return the looks at a winner: where the search went on after a look, that was at another one's."""
    return [look for look in looks if look.winner_trial == winner]


def _test(looks: Sequence[Look]) -> TestFigures | None:
    finished = [look for look in looks if look.figures is not None]
    if not finished or finished[-1].figures is None:
        return None
    figures: dict[str, Any] = dict(finished[-1].figures)
    of_classes = figures.get("by_class")
    return TestFigures(
        winner_trial=finished[-1].winner_trial,
        n_networks=figures.get("n_networks", 1),  # openings of earlier versions do not tell: there was one
        n_examples=figures["n_examples"],
        models=figures["models"],
        by_class=ByClass.model_validate(of_classes) if of_classes else None,
        differences=_differences(figures["differences"]),
        interval=(figures["interval"]["low"], figures["interval"]["high"]),
        interval_method=figures["interval"]["method"],
        n_faulty=figures["n_faulty"],
    )


def _differences(kept: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Difference]]:
    return {
        name: {metric: difference_of(Metric(metric), **found) for metric, found in by_metric.items()}
        for name, by_metric in kept.items()
    }


def _look_line(look: Look) -> LookLine:
    return LookLine(
        study=look.study_name,
        is_deleted=look.is_deleted,
        look=look.look,
        opened_at=look.opened_at,
        user=look.process.user,
        reason=look.reason,
        is_finished=look.is_finished,
    )
