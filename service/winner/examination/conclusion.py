"""The end of a study, given its data, its storage and a pool: the winner measured, the test set opened."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState

from service.data.checks.adversarial_check import adversarial_check
from service.data.preparation.prepared_data import PreparedData
from service.errors import BadInputError, ProctorError
from service.seal.ledger import Ledger, OpenedByOthersError
from service.seal.openings import Look
from service.seal.splits import Split
from service.study.search.search_budget import EndingReason
from service.study.search.winner import winner_of
from service.study.storage.kept_trials import confirmations, eligible, record_of
from service.study.storage.lease import Lease
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_format import looks_before
from service.study.storage.study_store import StudyStore
from service.winner.examination.baseline_learners import Learner, learners_of
from service.winner.examination.candidate import (
    Candidate,
    dev_by_class,
    dev_intervals,
    known_figures,
    make_candidate,
    standard_errors,
)
from service.winner.examination.dev_analysis.dev_analysis import analyse_dev
from service.winner.examination.final_evaluation import evaluate_on_test
from service.winner.examination.measured_winner import WINNER, MeasuredWinner, measured_winner
from service.winner.examination.noise import beside_constant, examine_noise_floor
from service.winner.examination.retraining import Retraining
from service.winner.examination.selection import examine_selection, units_of_dev_sets
from service.winner.noise_floor.estimate import has_bayes_figure
from workers.messages import TrialRequest
from workers.pools.pool import WorkerPool


def check_data(study: StoredStudy, sets: Split) -> None:
    """Refuse to go on with other data than a study began with.

    Raises
    ------
    BadInputError
        With the fingerprints then and now.
    """
    pairs = {
        "test set": (study.test_fingerprint or "none", sets.test.fingerprint if sets.test else "none"),
        "train and dev set": (study.known_fingerprint, sets.known_fingerprint),
    }
    for name, (then, now) in pairs.items():
        if then != now:
            raise BadInputError(
                f"study {study.config.name!r} cannot go on: {study.config.data.table} has changed since it"
                f" began; fingerprint of the {name} then {then[:12]}, now {now[:12]}"
            )


def train_winner(
    study: StoredStudy,
    prepared: PreparedData,
    *,
    store: StudyStore,
    pool: WorkerPool,
    learners: Sequence[Learner] = (),
) -> Candidate:
    """Train the winner again, for its weights; storage is left as it is.

    Parameters
    ----------
    study
        The study that it won.
    prepared
        Its data.
    store
        Its storage.
    pool
        Who trains.
    learners
        Baselines that are fitted beside it; who wants its weights alone needs none.

    Raises
    ------
    ProctorError
        When there is no winner, or it cannot be trained again.
    """
    winner = winner_of(study.trials, study.metric)
    request = _request(study, winner, seed=record_of(winner).seed)
    runs = [
        Retraining(run, _request(study, run, seed=record_of(run).seed)) for run in _averaged(study, winner)
    ]
    store.read_curves(study.config.name, [winner, *(run.trial for run in runs)])
    return make_candidate(winner, request, prepared=prepared, pool=pool, runs=runs, learners=learners)


def _averaged(study: StoredStudy, winner: FrozenTrial) -> list[FrozenTrial]:
    """Return the winner's complete confirmation runs, where it is to be the average of its seeds."""
    if not study.config.confirmation.ensemble:
        return []
    runs = confirmations(study.trials).get(winner.number, ())
    return [run for run in runs if run.state is TrialState.COMPLETE]


def _request(study: StoredStudy, trial: FrozenTrial, *, seed: int) -> TrialRequest:
    """Return the request that trains a trial of the study again."""
    return TrialRequest(
        number=trial.number,
        hyperparameters=study.config.space.point(trial.params),
        seed=seed,
        rules=study.config.training_rules,
        keep_parameters=True,
    )


def _predictions(study: StoredStudy, store: StudyStore) -> dict[int, NDArray[np.float32]]:
    """Return the dev predictions of the trials that the winner was chosen among."""
    numbers = {trial.number for trial in eligible(study.trials)}
    kept = store.dev_predictions(study.config.name)
    return {number: predictions for number, predictions in kept.items() if number in numbers}


def measure_winner(
    study: StoredStudy,
    prepared: PreparedData,
    *,
    store: StudyStore,
    pool: WorkerPool,
    lease: Lease | None = None,
) -> Candidate:
    """Train the winner again, and keep its figures on the known sets with the study.

    Where it errs on the dev set is kept beside them, and what it is held against: the noise floor, and naming
    a constant. Where there is a train-dev set, how far apart it and the dev set are is kept too.

    Raises
    ------
    ProctorError
        When there is no winner, or it cannot be trained again.
    """
    learners = learners_of(study.task, only_constant=study.config.no_baselines)
    candidate = train_winner(study, prepared, store=store, pool=pool, learners=learners)
    models = known_figures(candidate)
    errors = standard_errors(candidate, study.metric, seed=study.config.seed)
    selection = examine_selection(
        _predictions(study, store),
        prepared.trial_data.first_folds,
        units=units_of_dev_sets(prepared.split),
        metric=study.metric,
        seed=study.config.seed,
    )
    flattery = 0.0 if selection is None else selection.size
    floor = None
    if study.config.bayes_error is None or not has_bayes_figure(study.metric):
        floor = examine_noise_floor(
            candidate,
            study.metric,
            figures=models,
            standard_errors=errors,
            flattery=flattery,
            fits_models=not study.config.no_baselines,
            seed=study.config.seed,
        )
    constant = beside_constant(
        candidate, study.metric, figures=models, standard_error=errors["dev"], flattery=flattery
    )
    has_train_dev = prepared.split.train_dev is not None
    measured = MeasuredWinner(
        trial=candidate.trial,
        models=models,
        strengths={each.name: each.strength for each in candidate.baselines if each.strength is not None},
        standard_errors=errors,
        dev_intervals=dev_intervals(candidate, seed=study.config.seed),
        dev_by_class=dev_by_class(candidate),
        is_reproduced=candidate.is_reproduced,
        ensemble=candidate.ensemble,
        selection_bootstrap=selection,
        noise_floor=floor,
        beside_constant=constant,
        dev_analysis=analyse_dev(candidate, study.metric, seed=study.config.seed),
        adversarial=adversarial_check(prepared, seed=study.config.seed) if has_train_dev else None,
    )
    store.set_attribute(study.config.name, WINNER, measured.attribute(), lease=lease)
    return candidate


def open_test_set(study: StoredStudy, candidate: Candidate, *, ledger: Ledger, reason: str | None) -> None:
    """Open the sealed test set for the study's winner, as the ledger allows.

    Raises
    ------
    AlreadyOpenedError
        The ledger refuses.
    """
    evaluate_on_test(
        candidate,
        ledger=ledger,
        study=study.identity,
        metric=study.metric,
        reason=reason,
        seed=study.config.seed,
    )


def conclude(  # noqa: PLR0913 (what a study's end needs, each by its name)
    name: str,
    prepared: PreparedData,
    *,
    store: StudyStore,
    ledger: Ledger,
    pool: WorkerPool,
    keep_sealed: bool,
    look_again: str | None = None,
    lease: Lease | None = None,
) -> None:
    """End a study whose budget is spent: measure its winner, and open the test set unless it stays sealed.

    What an earlier run of the study has done already is not done again, nor what this one did until its
    database was away: there is one opening. A test set that other studies opened, be it just before, stays
    sealed unless `look_again` says why not. So does one that the study itself opened before its search went
    on, where another trial has won since: one that was evaluated before keeps its figure.

    Raises
    ------
    ProctorError
        When the search was given up, there is no winner, or it cannot be trained again.
    """
    study = load_study(store, name)
    if study.ending is not None and study.ending["reason"] == EndingReason.FIRST_TRIALS_FAILED:
        raise ProctorError(
            f"study {name!r} was given up: {study.ending['text']}; fix its space, and start another with"
            f" --name NAME"
        )
    own = ledger.looks(study.identity)
    before = looks_before(study.extensions, own)
    since = [look for look in own if look not in before]
    reason = None if since else look_again  # an opening that was begun is finished as it was begun
    opens = (
        not keep_sealed
        and not any(look.is_finished for look in since)
        and not (before and not since and _stays_as_it_is(study, before, reason))
        and _may_open(study, ledger, reason)
    )
    if opens or not _is_measured(study):
        candidate = measure_winner(study, prepared, store=store, pool=pool, lease=lease)
        if opens:
            with suppress(OpenedByOthersError):  # while this winner was measured
                open_test_set(study, candidate, ledger=ledger, reason=reason)


def _is_measured(study: StoredStudy) -> bool:
    """Whether the figures that are kept are those of the trial that has won by now."""
    return measured_winner(study, winner_of(study.trials, study.metric).number) is not None


def _stays_as_it_is(study: StoredStudy, before: Sequence[Look], reason: str | None) -> bool:
    """Whether no look follows those before the search went on: there is no reason, or no other winner."""
    won = winner_of(study.trials, study.metric).number
    return reason is None or won in {look.winner_trial for look in before}


def _may_open(study: StoredStudy, ledger: Ledger, reason: str | None) -> bool:
    """Whether a study has a test set, and is not kept from it by the looks of others."""
    if study.test_fingerprint is None:
        return False
    try:
        ledger.check_may_open(study.identity, study.test_fingerprint, reason)
    except OpenedByOthersError:
        return False
    return True
