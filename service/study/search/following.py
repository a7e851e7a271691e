"""A study followed from storage alone: what happens in it, reported as its coordinator does.

Nothing is written, and each look reads only what has changed. The coordinator alone knows who runs a trial
that has not ended, how far it is, and whether a worker died under it: storage has it when it has ended.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import inf

from optuna.trial import FrozenTrial, TrialState

from service.configuration.search_config import PrunerName
from service.configuration.study_config import ResolvedStudy
from service.study.search.plan import StudyObserver
from service.study.search.progress import Asked
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.search.trial_records import lifecycle_state
from service.study.storage.foreign_trials import own_trials
from service.study.storage.kept_trials import (
    FIGURES,
    FOLDS,
    Curve,
    TrialRecord,
    details_of,
    record_of,
    searched,
)
from service.study.storage.study_format import ENDING, EXTENSIONS, FINALISTS
from service.study.storage.study_store import StudyStore
from workers.messages import (
    Ending,
    EpochMetrics,
    FoldEnded,
    Threshold,
    TrialEnded,
    TrialLost,
    TrialRequest,
    TrialStarted,
)

_ENDINGS = {
    TrialState.COMPLETE: Ending.COMPLETE,
    TrialState.PRUNED: Ending.PRUNED,
    TrialState.FAIL: Ending.FAILED,
}
_UNKNOWN_WORKER = ""
_LONG_AGO = datetime(1970, 1, 1)  # noqa: DTZ001 (as Optuna has it)
_SOME_THRESHOLD = (Threshold(1, inf),)
"""Says that a trial may be pruned; where, the coordinator knows."""


class StudyFollower:
    """Tells an observer what happens in a study.

    Parameters
    ----------
    config
        The study.
    store
        Where it is kept.
    observer
        Who hears of it.
    n_extensions
        How often its search had been made to go on when its configuration was read.

    Attributes
    ----------
    is_over
        Whether search and confirmations have ended; who runs the study may still measure its winner.
    is_outdated
        Whether the study's search was made to go on with other limits: no more is reported, and a new
        follower is needed.
    """

    def __init__(
        self,
        name: str,
        config: ResolvedStudy,
        store: StudyStore,
        observer: StudyObserver,
        *,
        n_extensions: int = 0,
    ) -> None:
        self._name, self._config, self._store, self._observer = name, config, store, observer
        self._last_key = 0
        self._running: dict[int, FrozenTrial] = {}
        self._n_searched = 0
        self._n_confirmations: int | None = None
        self._n_confirmed = 0
        self._postponed: dict[int, FrozenTrial] = {}
        self._n_extensions = n_extensions
        self._from_before: frozenset[int] = frozenset()
        self.is_outdated = False
        self._may_prune = config.pruner.kind is not PrunerName.NONE

    @property
    def is_over(self) -> bool:
        """Whether search and confirmations have ended, as `StoredStudy.is_over` has it."""
        if self._running:
            return False
        if self._n_confirmations is None:  # no finalists have been chosen yet, or there is nothing to confirm
            return self._n_searched == self._config.trials and self._config.confirmation.finalists == 0
        return self._n_confirmed == self._n_confirmations

    @property
    def asked_for(self) -> Sequence[Asked]:
        """The trials that have not ended, by number."""
        trials = sorted(self._running.values(), key=lambda trial: trial.number)
        return [Asked(trial.number, trial.datetime_start or _LONG_AGO) for trial in trials]

    def begin(self) -> None:
        """Tell of what is there, ended trials as those of an earlier run.

        Raises
        ------
        StorageError
            The database cannot be read.
        """
        there = self._store.trials(self._name, with_curves=False)
        self._from_before = frozenset(_key(trial) for trial in own_trials(there) if _has_ended(trial))
        self._take_in(there)

    def look(self) -> None:
        """Tell of what has happened since the last look.

        Raises
        ------
        StorageError
            The database cannot be read.
        """
        changed = self._store.changed_trials(self._name, after=self._last_key, running=self._running)
        self._take_in(changed)

    def _take_in(self, changed: Sequence[FrozenTrial]) -> None:
        """Tell of trials, searched ones first, and of confirmations once it is told why there are any."""
        attributes = self._store.attributes(self._name)  # read after the trials: at least as new as they are
        finalists, n_extensions = attributes.get(FINALISTS), len(attributes.get(EXTENSIONS, ()))
        self.is_outdated |= n_extensions != self._n_extensions
        if self.is_outdated:
            return
        ours = own_trials(changed)
        for trial in changed:
            self._last_key = max(self._last_key, _key(trial))
        confirmations = {_key(trial): trial for trial in ours if record_of(trial).is_confirmation}
        self._tell(searched(ours))
        self._postponed |= confirmations
        if self._n_confirmations is None and finalists is not None and not self._running:
            # Where the search went on after its end, others were confirmed before; of those, what storage
            # shows as running is run.
            earlier = [run for run in self._postponed.values() if record_of(run).confirms not in finalists]
            n_earlier = len(earlier) - sum(map(_has_ended, earlier))
            self._n_confirmations = len(finalists) * self._config.confirmation.seeds + n_earlier
            self._observer.confirming(_ending(attributes), self._n_confirmations)
        if self._n_confirmations is not None:
            runs = self._postponed.values()
            told = [run for run in runs if record_of(run).confirms in (finalists or ()) or self._is_left(run)]
            self._postponed = {}
            self._tell(told)

    def _is_left(self, run: FrozenTrial) -> bool:
        """Whether a confirmation has not ended, or had not when it was last looked at."""
        return not _has_ended(run) or _key(run) in self._running

    def _tell(self, trials: Sequence[FrozenTrial]) -> None:
        for trial in trials:
            is_news = _key(trial) not in self._from_before
            if _key(trial) in self._running:
                continue
            self._observer.asked(self._request(trial), trial.params)
            if is_news or not trial.state.is_finished():
                self._observer.happened(TrialStarted(trial.number, _UNKNOWN_WORKER), State.RUNNING)
            if not trial.state.is_finished():
                self._running[_key(trial)] = trial
        for trial in sorted(filter(_has_ended, trials), key=_order_of_ending):
            self._running.pop(_key(trial), None)
            is_confirmation = record_of(trial).is_confirmation
            self._n_confirmed += is_confirmation
            self._n_searched += not is_confirmation
            if _key(trial) not in self._from_before:
                self._observer.happened(event_of(trial, self._config.split.folds), lifecycle_state(trial))
            else:
                self._observer.restored(trial)

    def _request(self, trial: FrozenTrial) -> TrialRequest:
        """Return a trial's request, as far as an observer has a use for it."""
        record = record_of(trial)
        # Those that start on the virtual clock's first instant have nothing to be compared with.
        is_pruned = self._may_prune and not record.is_confirmation and record.virtual_start > 0
        return TrialRequest(
            number=trial.number,
            hyperparameters=self._config.space.point(trial.params),
            seed=record.seed,
            rules=self._config.training_rules,
            thresholds=_SOME_THRESHOLD if is_pruned else (),
        )


def event_of(trial: FrozenTrial, n_folds: int) -> TrialEnded | TrialLost:
    """Return what the pool reported of a trial that has ended; each fold's metrics are the trial's means.

    Parameters
    ----------
    trial
        The trial, with its learning curve.
    n_folds
        Folds that a complete trial of its study has.
    """
    record = record_of(trial)
    if record.is_lost or record.seconds is None:
        reason = record.failure_reason.removeprefix(f"given up after {record.runs} runs: ")
        return TrialLost(trial.number, record.worker or _UNKNOWN_WORKER, reason)
    return TrialEnded(
        number=trial.number,
        worker=record.worker or _UNKNOWN_WORKER,
        ending=_ENDINGS[trial.state],
        folds=_folds(record, is_whole=trial.state is TrialState.COMPLETE),
        epochs=record.epochs,
        seconds=record.seconds,
        n_folds=1 if record.is_confirmation and not record.has_folds else n_folds,
        reason=record.failure_reason,
    )


def _folds(record: TrialRecord, *, is_whole: bool) -> tuple[FoldEnded, ...]:
    curve = record.learning_curve
    epochs = _epochs(curve)
    if not epochs:
        return ()
    fold_of = curve.get(FOLDS)
    if fold_of is None:
        return (FoldEnded(epochs, record.best_epoch, record.dev_metrics, record.model_figures, is_whole),)
    n_whole = len(record.fold_metrics)
    bests = [*record.best_epochs, record.best_epoch if n_whole == 0 else 0]
    folds = []
    for number in range(1, max(fold_of) + 1):
        part = tuple(epoch for epoch, fold in zip(epochs, fold_of, strict=True) if fold == number)
        whole = number <= n_whole
        best = bests[number - 1] if number <= len(bests) else 0
        folds.append(FoldEnded(part, best, record.dev_metrics, record.model_figures, whole))
    return tuple(folds)


def _epochs(curve: Curve) -> tuple[EpochMetrics, ...]:
    if not curve:
        return ()
    details = details_of(curve)
    return tuple(
        EpochMetrics(
            **{name: curve[name][index] for name in FIGURES},
            details={name: curve[name][index] for name in details},
        )
        for index in range(len(curve["dev_metric"]))
    )


def _ending(attributes: Mapping[str, object]) -> SearchEnding:
    return SearchEnding.model_validate(attributes[ENDING])


def _key(trial: FrozenTrial) -> int:
    return trial._trial_id  # noqa: SLF001 (Optuna shows it nowhere else)


def _has_ended(trial: FrozenTrial) -> bool:
    return trial.state.is_finished()


def _order_of_ending(trial: FrozenTrial) -> tuple[datetime, int]:
    return trial.datetime_complete or _LONG_AGO, trial.number
