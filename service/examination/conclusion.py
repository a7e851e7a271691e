"""The end of a study, given its data, its storage and a pool: the winner measured, the test set opened."""

from typing import Any

from service.checking.adversarial_check import adversarial_check
from service.errors import BadInputError
from service.examination.candidate import Candidate, known_figures, make_candidate, standard_errors
from service.examination.sitting import sit_test
from service.preparation.prepared_data import PreparedData
from service.seal.ledger import Ledger
from service.search.suggestion import trial_seed
from service.search.winner import winner_of
from service.storage.stored_study import StoredStudy, load_study
from service.storage.study_store import StudyStore
from workers.messages import TrialRequest
from workers.pool import WorkerPool


def check_data(study: StoredStudy, prepared: PreparedData) -> None:
    """Refuse to go on with other data than a study began with.

    Raises
    ------
    BadInputError
        With the fingerprints then and now.
    """
    pairs = {
        "test set": (study.test_fingerprint or "none", prepared.test_fingerprint or "none"),
        "train and dev set": (study.known_fingerprint, prepared.split.known_fingerprint),
    }
    for name, (then, now) in pairs.items():
        if then != now:
            raise BadInputError(
                f"study {study.config.name!r} cannot go on: {study.config.data.table} has changed since it"
                f" began; fingerprint of the {name} then {then[:12]}, now {now[:12]}"
            )


def train_winner(study: StoredStudy, prepared: PreparedData, *, pool: WorkerPool) -> Candidate:
    """Train the winner again, for its weights; storage is left as it is.

    Raises
    ------
    ProctorError
        When there is no winner, or it cannot be trained again.
    """
    winner = winner_of(study.trials, study.metric)
    request = TrialRequest(
        number=winner.number,
        hyperparameters=study.config.space.point(winner.params),
        seed=trial_seed(study.config.seed, winner.number),
        rules=study.config.training_rules,
        keep_parameters=True,
    )
    return make_candidate(winner, request, prepared=prepared, pool=pool)


def measure_winner(
    study: StoredStudy, prepared: PreparedData, *, store: StudyStore, pool: WorkerPool
) -> Candidate:
    """Train the winner again, and keep its figures on the known sets with the study.

    Where the dev set is from elsewhere, how far it is from the train set is kept beside them.

    Raises
    ------
    ProctorError
        When there is no winner, or it cannot be trained again.
    """
    candidate = train_winner(study, prepared, pool=pool)
    measured: dict[str, Any] = {
        "trial": candidate.trial,
        "models": known_figures(candidate),
        "standard_errors": standard_errors(candidate, study.metric, seed=study.config.seed),
        "is_reproduced": candidate.is_reproduced,
        "adversarial": None,
    }
    if prepared.split.train_dev is not None:
        check = adversarial_check(prepared, seed=study.config.seed)
        measured["adversarial"] = None if check is None else check.model_dump(mode="json")
    store.set_attribute(study.config.name, "winner", measured)
    return candidate


def open_test_set(study: StoredStudy, candidate: Candidate, *, ledger: Ledger, reason: str | None) -> None:
    """Open the sealed test set for the study's winner, as the ledger allows.

    Raises
    ------
    AlreadyOpenedError
        The ledger refuses.
    """
    sit_test(
        candidate,
        ledger=ledger,
        study=study.config.name,
        metric=study.metric,
        reason=reason,
        seed=study.config.seed,
    )


def conclude(
    name: str, prepared: PreparedData, *, store: StudyStore, pool: WorkerPool, keep_sealed: bool
) -> None:
    """End a study whose budget is spent: measure its winner, and open the test set unless it stays sealed.

    What an earlier run of the study has done already is not done again: there is one opening.
    """
    study = load_study(store, name)
    ledger = Ledger(store.engine)
    needs_opening = (
        not keep_sealed
        and prepared.split.test is not None
        and not any(look.is_finished for look in ledger.looks(name))
    )
    if study.winner is None or needs_opening:
        candidate = measure_winner(study, prepared, store=store, pool=pool)
        if needs_opening:
            open_test_set(study, candidate, ledger=ledger, reason=None)
