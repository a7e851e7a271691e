"""The report: all that a study has to say, as one value with a documented JSON schema.

It is made from storage and ledger alone, so that `run`, `resume`, `unseal` and `show` say the same.
"""

from collections.abc import Sequence

from optuna.trial import TrialState
from pydantic import BaseModel, ConfigDict

from service.advice.advised_steps import AdvisedStep
from service.advice.confirmation import Confirmation, confirmation_of
from service.advice.expected_best import ExpectedBest, expected_best_in
from service.advice.findings import Finding
from service.advice.rounds import Chain, Rounds, chain_of, rounds_of
from service.advice.study_diagnosis import Gaps, diagnose_study
from service.configuration.model_config import ModelConfig
from service.data.checks.separation import AdversarialCheck
from service.report.facts.contest_facts import Contest, contest_of
from service.report.facts.final_facts import (
    EarlierLooks,
    Learned,
    LookLine,
    Overfitting,
    SearchAfterLook,
    TestFigures,
    earlier_looks,
    figures_on_test,
    learned_on_dev,
    learned_on_test,
    look_line,
    overfitting_of,
    searches_after_looks,
)
from service.report.facts.optimism import Optimism, estimate_optimism
from service.report.facts.search_facts import (
    ForeignFact,
    ending_of,
    failures,
    failures_in_common,
    foreign_facts,
    origins_of,
    set_aside_in,
)
from service.report.facts.winner_facts import Winner, reported_winner
from service.seal.openings import Look
from service.seal.split_decisions import EqualRows, TrainDevDecision
from service.study.search.search_budget import SearchEnding, search_seconds, training_seconds
from service.study.search.winner import has_winner, winner_of
from service.study.storage.kept_trials import searched
from service.study.storage.stored_study import StoredStudy
from service.study.storage.study_store import StudyStore
from service.uncertainty.interval import Interval, students_quantile
from service.winner.examination.dev_analysis.values import DevAnalysis
from service.winner.examination.measured_winner import MeasuredWinner, measured_winner
from service.winner.examination.selection import SelectionBootstrap
from service.winner.learning_curve.learning_curve import LearningCurve
from service.winner.noise_floor.floor import BesideConstant
from workers.metrics.metric import Metric
from workers.train_dev_data import Task

_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Counts(BaseModel):
    """Trials by how they stand; confirmation runs, which try no point, are counted apart."""

    model_config = _VALUE_OBJECT

    budget: int
    """Trials that the study is to have."""

    complete: int
    pruned: int
    failed: int
    running: int
    """Begun, without a result yet; where nobody runs the study, a resume runs them again."""

    confirmation_runs: int
    """Runs of finalists with other seeds, however they stand."""


class OwnModelCode(BaseModel):
    """Where the code of the user's own model is."""

    model_config = _VALUE_OBJECT

    code: str
    """Its file and the name of a function or class in it: `/home/me/my_models.py:make_forest`."""

    sha256: str
    """Checksum of the file as it was when the study began, in hexadecimal digits."""


class StudyReport(BaseModel):
    """A study's report; `proctor schema --report` prints the JSON schema."""

    model_config = _VALUE_OBJECT

    schema_version: int = 12
    study: str
    copy_of: str | None
    """The study that it was copied from, where that is still there."""

    learned: Learned | None
    """Whether the winner is better than a constant beyond chance: where it is not, nothing was learned. None
    until the winner has been trained again, and of a metric that a constant may be perfect in."""

    storage: str
    """URL of the database, without a password."""

    model: str
    """Kind of model that was searched."""

    own_model: OwnModelCode | None
    """Where the code of the user's own model is; None of another kind."""

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
    """Trials that a person set aside, which are neither ranked nor chosen, and why, if it was given."""

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

    contest: Contest | None
    """The contest of kinds of model that it is in; None of a study by itself."""

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
        """The study's own looks at the test set; its rounds are one study, and so is a contest."""
        names = {self.study}
        if self.rounds is not None:
            names = {line.study for line in self.rounds.rounds}
        elif self.contest is not None:
            names |= {line.study for line in self.contest.kinds if line.study is not None}
        return tuple(look for look in self.looks if look.study in names and not look.is_deleted)

    @property
    def better_study(self) -> str | None:
        """Another round, or study of its contest, whose winner takes the test; None if there is none."""
        best = None
        if self.rounds is not None:
            best = self.rounds.winner
        elif self.contest is not None and self.contest.line_of_best is not None:
            best = self.contest.line_of_best.study
        return None if best == self.study else best

    @property
    def others_looks(self) -> tuple[LookLine, ...]:
        """Looks of other studies at the same test set."""
        return tuple(look for look in self.looks if look not in self.own_looks)

    @property
    def has_test_set(self) -> bool:
        """Whether there is a test set, opened or not; else the one figure is the dev set's."""
        return "test" in self.n_examples


def _own_model(model: ModelConfig) -> OwnModelCode | None:
    if model.code is None or model.sha256 is None:  # a study is kept with both
        return None
    return OwnModelCode(code=model.code, sha256=model.sha256)


def build_report(study: StoredStudy, store: StudyStore) -> StudyReport:
    """Make a study's report from what is stored, in the study and in the ledger beside it."""
    ledger = store.ledger()
    config, trials = study.config, searched(study.trials)
    chosen = winner_of(study.trials, study.metric) if has_winner(study.trials) else None
    measured = None if chosen is None else measured_winner(study, chosen.number)
    winner = None if chosen is None else reported_winner(study, chosen, measured)
    confirmation = confirmation_of(study.trials, study.metric)
    expected = expected_best_in(study)
    diagnosis = diagnose_study(study, expected=expected)
    chain = chain_of(store, study)
    optimism = _optimism(study, winner, measured, chain)
    bootstrap = None if measured is None else measured.selection_bootstrap
    looks = () if study.test_fingerprint is None else ledger.looks_at(study.test_fingerprint)
    of_line = ledger.looks_of_line(study.identity)
    own = [look for look in of_line if study.identity.owns(look.study_key, look.study_id)]
    test = figures_on_test(own if chosen is None else _of_winner(own, chosen.number))
    return StudyReport(
        study=config.name,
        copy_of=study.identity.copy_of,
        learned=_learned(study.metric, diagnosis.beside_constant, winner, test),
        storage=store.shown_url,
        model=config.model.kind,
        own_model=_own_model(config.model),
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
        contest=contest_of(chain),
        adversarial=None if measured is None else measured.adversarial,
        overfitting=_overfitting(
            study, winner, measured, test, foretold=_foretold(bootstrap, optimism, chain)
        ),
        test=test,
        looks=tuple(map(look_line, looks)),
        earlier_looks=earlier_looks(
            chain, looks, storage=store.shown_url, winner=None if chosen is None else chosen.number
        ),
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
    if difference.interval is None:  # these test rows show nothing
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
