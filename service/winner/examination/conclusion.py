"""The end of a study, given its data, its storage and a pool: the winner measured, the test set opened.

Its figures are held against the noise floor of the known rows, and against naming a constant.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState

from service.configuration.model_config import model_noun
from service.configuration.target_scale import scale_at
from service.data.checks.adversarial_check import adversarial_check
from service.data.preparation.preparation import scaled_targets
from service.data.preparation.prepared_data import PreparedData
from service.errors import ProctorError
from service.seal.ledger import Ledger, OpenedByOthersError
from service.seal.openings import Look
from service.study.search.search_budget import EndingReason
from service.study.search.winner import ranking, winner_of
from service.study.storage.kept_trials import confirmations, eligible, record_of
from service.study.storage.lease import Lease
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_format import looks_before
from service.study.storage.study_store import StudyStore
from service.uncertainty.differences import paired_difference
from service.winner.examination.baselines import MAJORITY_CLASS, MEAN, Learner, learners_of
from service.winner.examination.candidate import (
    Candidate,
    dev_by_class,
    dev_intervals,
    known_figures,
    make_candidate,
    standard_errors,
)
from service.winner.examination.dev_analysis.dev_analysis import analyse_dev
from service.winner.examination.ensemble import MOST_MODELS, MOST_TRAININGS, Library, select_ensemble
from service.winner.examination.figures import Figures
from service.winner.examination.final_evaluation import evaluate_on_test
from service.winner.examination.measured_winner import WINNER, MeasuredWinner, measured_winner
from service.winner.examination.retraining import Retraining
from service.winner.examination.selection import (
    TrialPredictions,
    examine_selection,
    in_one_unit,
    units_of_dev_sets,
)
from service.winner.noise_floor.estimate import estimate_noise_floor, has_bayes_figure, has_noise_floor
from service.winner.noise_floor.floor import BesideConstant, ModelLevel, NoiseFloor
from workers.messages import TrialRequest
from workers.metrics.metric import Metric, decision_rule
from workers.pools.pool import WorkerPool
from workers.train_dev_data import TrainDevData


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
    refits = study.config.confirmation.refit or prepared.split.chains_folds
    n_folds = 1 if refits else prepared.trial_data.n_folds
    selected = None
    if study.config.confirmation.ensemble:
        n_most = min(MOST_TRAININGS, max(2, MOST_MODELS // n_folds))
        library = _library(study, prepared, store)
        selected = None if library is None else select_ensemble(library, n_most=n_most)
    by_number = {trial.number: trial for trial in study.trials}
    averaged = [
        Retraining(trial, _request(study, trial, seed=record_of(trial).seed))
        for trial in (by_number[number] for number in (selected.weights if selected else ()))
    ]
    trained = {winner.number: winner} | {each.trial.number: each.trial for each in averaged}
    store.read_curves(study.config.name, list(trained.values()))
    return make_candidate(
        winner,
        request,
        prepared=prepared,
        pool=pool,
        averaged=averaged,
        selected=selected,
        refits=refits,
        learners=learners,
    )


def _library(study: StoredStudy, prepared: PreparedData, store: StudyStore) -> Library | None:
    """Return the trainings that may be averaged: the best trials and their runs with other seeds.

    They are those whose dev predictions are kept, in the order of the trials' rank. Where there are none,
    neither is there a library.
    """
    runs = confirmations(study.trials)
    trainings = [
        each
        for trial in ranking(study.trials, study.metric)
        for each in (trial, *runs.get(trial.number, ()))
        if each.state is TrialState.COMPLETE
    ]
    kept = {
        number: predictions
        for number, predictions in _predictions_of(trainings, study, store, prepared).items()
        if predictions.are_whole
    }
    if not kept:
        return None
    folds = prepared.trial_data.first_folds
    predictions, y = in_one_unit(list(kept.values()))
    return Library(
        metric=study.metric,
        predictions=dict(zip(kept, predictions, strict=True)),
        y=y,
        # Folds share their examples, and so nearly the shares by which labels are decided.
        rule=decision_rule(study.metric, folds[0].class_counts),
        units=units_of_dev_sets(prepared.split),
        seed=study.config.seed,
        fold_sizes=tuple(len(fold.y_dev) for fold in folds),
    )


def _request(study: StoredStudy, trial: FrozenTrial, *, seed: int) -> TrialRequest:
    """Return the request that trains a trial of the study again."""
    return TrialRequest(
        number=trial.number,
        hyperparameters=study.config.space.point(trial.params),
        seed=seed,
        rules=study.config.training_rules,
        keep_state=True,
    )


def _predictions_of(
    trials: Sequence[FrozenTrial], study: StoredStudy, store: StudyStore, prepared: PreparedData
) -> dict[int, TrialPredictions]:
    """Return the dev predictions of those trials of which they are kept, in their order, by their numbers."""
    scales = {trial.number: scale_at(study.config.space, trial.params) for trial in trials}
    folds = {scale: prepared.first_folds_on(scale) for scale in set(scales.values())}
    kept = store.dev_predictions(study.config.name)
    return {
        number: TrialPredictions(kept[number], folds[scale])
        for number, scale in scales.items()
        if number in kept
    }


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
    selection = candidate.selection or examine_selection(
        list(_predictions_of(eligible(study.trials), study, store, prepared).values()),
        units=units_of_dev_sets(prepared.split),
        metric=study.metric,
        seed=study.config.seed,
    )
    flattery = 0.0 if selection is None else selection.size
    floor = None
    if study.config.bayes_error is None or not has_bayes_figure(study.metric):
        floor = _examine_noise_floor(
            candidate,
            study.metric,
            figures=models,
            standard_errors=errors,
            flattery=flattery,
            fits_models=not study.config.no_baselines,
            seed=study.config.seed,
        )
    constant = _beside_constant(
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
        n_models=candidate.trained.n_models,
        averages_folds=candidate.averages_folds,
        ensemble=candidate.ensemble,
        selection_bootstrap=selection,
        noise_floor=floor,
        beside_constant=constant,
        dev_analysis=analyse_dev(
            candidate,
            study.metric,
            with_cells=not study.config.no_row_cells,
            seed=study.config.seed,
        ),
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


_CONSTANT = (MAJORITY_CLASS, MEAN)


def _examine_noise_floor(  # noqa: PLR0913 (the floor's inputs, each by its name)
    candidate: Candidate,
    metric: Metric,
    *,
    figures: Mapping[str, Mapping[str, Figures]],
    standard_errors: Mapping[str, float],
    flattery: float,
    fits_models: bool,
    seed: int,
) -> NoiseFloor | None:
    """Estimate the noise floor of rows from where train comes: by train-dev rows if any, else by dev rows.

    Parameters
    ----------
    candidate
        The winner.
    metric
        The study's metric.
    figures
        Of winner and baselines, by model and known set.
    standard_errors
        Of the winner's metric, by known set.
    flattery
        By how much choosing the winner on the dev set flatters it there.
    fits_models
        Whether other models are fitted for it.
    seed
        Source of what is drawn.
    """
    folds, units, name = _judged_by(candidate)
    error = standard_errors[name]
    badness = metric.badness(figures["winner"][name][metric]) + (max(flattery, 0.0) if name == "dev" else 0.0)
    noun = model_noun(candidate.hyperparameters.kind)
    known = [ModelLevel(model=noun, is_winner=True, figure=metric.badness(badness), standard_error=error)]
    known += [
        ModelLevel(model=constant, figure=figures[constant][name][metric], standard_error=error)
        for constant in _CONSTANT
        if constant in figures
    ]
    return estimate_noise_floor(metric, folds, known=known, units=units, fits_models=fits_models, seed=seed)


def _judged_by(candidate: Candidate) -> tuple[Sequence[TrainDevData], NDArray[np.intp] | None, str]:
    """Return train rows and rows to judge by, the latter's units, and the name of their set."""
    prepared, name = candidate.prepared, "train-dev"
    folds = candidate.baseline_inputs.folds
    if name not in candidate.names_before_dev:
        return folds, units_of_dev_sets(prepared.split), "dev"
    choices = candidate.baseline_inputs.choices
    of_train = prepared.known_sets[choices][name]
    y = scaled_targets(of_train.y, prepared.preparations[choices].target_scaling)
    return [replace(folds[0], X_dev=of_train.X, y_dev=y)], of_train.units, name


def _beside_constant(
    candidate: Candidate,
    metric: Metric,
    *,
    figures: Mapping[str, Mapping[str, Figures]],
    standard_error: float,
    flattery: float,
) -> BesideConstant | None:
    """Put the winner beside the constant baseline on the dev set; None where a constant may excel.

    Parameters
    ----------
    candidate, metric, figures
        As for `_examine_noise_floor`.
    standard_error
        Of the winner's metric on the dev set.
    flattery
        By how much choosing the winner there flatters it.
    """
    name = next((each for each in figures if each in _CONSTANT), None)
    if name is None or not has_noise_floor(metric):
        return None
    gain = metric.badness(figures[name]["dev"][metric]) - metric.badness(figures["winner"]["dev"][metric])
    interval = None
    if candidate.cross_validated is None:
        dev = candidate.known("dev")
        constant = next(model for model in candidate.baselines if model.name == name)
        interval = paired_difference(
            metric,
            candidate.predictions("dev"),
            constant.predict(dev.X_of_baselines),
            dev.y,
            rules=(candidate.rule, constant.rule),
            units=dev.units,
        ).interval
    return BesideConstant(
        constant=name,
        gain=gain,
        standard_error=standard_error if interval is None else interval.standard_error,
        flattery=max(flattery, 0.0),
    )
