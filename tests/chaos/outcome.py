"""What a study came to, and whether two came to the same: trials, winner and ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.trial import TrialState

from service.study.storage.kept_trials import searched
from service.study.storage.study_store import StudyStore
from tests.chaos.study import NAME, DisturbedStudy
from tests.service.study.search.studies import content


@dataclass(frozen=True, slots=True)
class Outcome:
    """All of a study that must not depend on what befell it.

    Attributes
    ----------
    trials
        Each trial but for accidents and times.
    attributes
        The study's: its winner, and why it ended where that is kept.
    openings
        Of the test set: number of the look, trial, figures, and whether it was finished.
    """

    trials: list[dict[str, Any]]
    attributes: dict[str, Any]
    openings: list[tuple[int, int, Any, bool]]


def outcome_of(storage: str) -> Outcome:
    """Read what the study in a database came to."""
    store = StudyStore(storage, create=False)
    try:
        attributes = store.attributes(NAME)
        return Outcome(
            trials=content(store, NAME),
            attributes={key: attributes.get(key) for key in ("winner", "ending", "config")},
            openings=[
                (look.look, look.winner_trial, look.figures, look.is_finished)
                for look in store.ledger().looks(store.identity(NAME))
            ],
        )
    finally:
        store.close()


def differences(expected: Outcome, found: Outcome) -> Iterator[str]:
    """Say in which trials, attributes and openings two outcomes differ."""
    if len(expected.trials) != len(found.trials):
        yield f"{len(found.trials)} trials, expected {len(expected.trials)}"
    for there, here in zip(expected.trials, found.trials, strict=False):
        parts = [part for part in there if there[part] != here[part]]
        if parts:
            reason = here.get("attributes", {}).get("failure_reason")
            because = f"; it failed: {reason}" if reason and "state" in parts else ""
            yield f"trial {there['number']} differs in {', '.join(parts)}{because}"
    for key, value in expected.attributes.items():
        if value != found.attributes[key]:
            yield f"the study's {key} differs"
    if expected.openings != found.openings:
        yield f"the ledger has {found.openings}, expected {expected.openings}"


def faults_alone(study: DisturbedStudy) -> Iterator[str]:
    """Say what is wrong with a study that has ended, whatever another came to."""
    store = StudyStore(study.storage, create=False)
    try:
        trials = store.trials(NAME)
        looks = store.ledger().looks(store.identity(NAME))
    finally:
        store.close()
    numbers = [trial.number for trial in trials]
    if numbers != list(range(len(trials))):
        yield f"trials are numbered {numbers}"
    if len(searched(trials)) != study.n_trials:
        yield f"{len(searched(trials))} trials tried a point, the budget is {study.n_trials}"
    if running := [trial.number for trial in trials if trial.state is TrialState.RUNNING]:
        yield f"trials {running} are left running"
    if len(looks) != 1 or not looks[0].is_finished:
        yield f"the ledger has {len(looks)} looks, {sum(look.is_finished for look in looks)} of them finished"
    by_optuna = optuna.load_study(study_name=NAME, storage=study.storage)
    if len(by_optuna.trials) != len(trials) or by_optuna.best_trial.number not in numbers:
        yield f"Optuna itself reads {len(by_optuna.trials)} trials of {len(trials)}"
