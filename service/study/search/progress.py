"""How a running study stands, and how long it will still take: an observer that adds up what it hears.

The first trials of a search are asked before any can be pruned, and take a large part of its time; most later
ones end at a rung. So the two kinds are told apart, and until some of the later kind have ended their length
leans on a guess. Trials that still run count with what they have run: those that end first are short ones.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from optuna.trial import FrozenTrial

from search_spaces.values import Value
from service.configuration.search_config import PrunerName
from service.configuration.study_config import BudgetConfig, ResolvedStudy
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.search.trial_records import (
    DevFigures,
    Rank,
    dev_figures_of,
    lifecycle_state,
    rank_of,
    standard_error_of,
)
from service.study.storage.kept_trials import record_of
from workers.messages import Event, TrialAdvanced, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.metrics.metric import Metric
from workers.run_clock import run_seconds

FEWEST_ENDED = 2
"""Before so many trials have ended nothing is estimated."""

SHARE_IF_PRUNED = 0.25
"""How long trials are that may be pruned beside those that may not: a guess, until they have shown it."""

GUESS_COUNTS_AS = 5.0
"""The guess counts as so many trials that ended."""

LEAST_USE = 0.3
"""Share of the workers' time, at the least, that is reckoned to be spent in trainings."""


@dataclass(slots=True)
class _Ended:
    """Trainings that ended: how many, and how long they took together (seconds)."""

    n: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Take in another."""
        self.n, self.seconds = self.n + 1, self.seconds + seconds


@dataclass(slots=True)
class TimeLeft:
    """Estimates of trainings' lengths; all instants are in seconds of one clock.

    Attributes
    ----------
    n_trials
        The search's trials.
    n_confirmations
        Trainings that follow it, none of which is pruned.
    prunes
        Whether trials are pruned once some have ended.
    """

    n_trials: int
    n_confirmations: int
    prunes: bool
    _n_ended: int = 0
    _is_confirming: bool = False
    _n_workers: int = 0
    _began: float | None = None
    _may_be_pruned: dict[int, bool] = field(default_factory=dict)
    _running: dict[int, float] = field(default_factory=dict)
    _searched: dict[bool, _Ended] = field(default_factory=lambda: {False: _Ended(), True: _Ended()})
    _whole: _Ended = field(default_factory=_Ended)
    _all: _Ended = field(default_factory=_Ended)

    def asked(self, number: int, *, may_be_pruned: bool) -> None:
        """Hear of a trial."""
        self._may_be_pruned[number] = may_be_pruned

    def restored(self) -> None:
        """Count a trial that ended in an earlier run, on another day or machine: its time is no guide."""
        self._n_ended += 1

    def started(self, number: int, now: float) -> None:
        """Hear that a worker has begun with a trial."""
        self._began = now if self._began is None else self._began
        self._running[number] = now
        self._n_workers = max(self._n_workers, len(self._running))

    def lost(self, number: int, *, is_for_good: bool) -> None:
        """Hear that a trial's worker died: it is begun anew, unless that was its last time."""
        self._running.pop(number, None)
        self._n_ended += is_for_good

    def ended(self, number: int, *, seconds: float, is_whole: bool) -> None:
        """Hear that a trial has ended, after so many seconds, and whether it was trained to its end."""
        self._running.pop(number, None)
        self._n_ended += 1
        self._all.add(seconds)
        if not self._is_confirming:
            self._searched[self._may_be_pruned.get(number, False)].add(seconds)
        if is_whole:
            self._whole.add(seconds)

    def confirming(self, n_confirmations: int) -> None:
        """Hear that the search has ended, and how many trainings follow: their own lengths count most."""
        self._is_confirming, self._n_ended, self.n_confirmations = True, 0, n_confirmations
        if self._whole.n:
            self._whole = _Ended(1, self._whole.seconds / self._whole.n)

    @property
    def is_rough(self) -> bool:
        """Whether it rests on a guess more than on trials that ended."""
        return self.prunes and not self._is_confirming and self._searched[True].n < GUESS_COUNTS_AS

    def seconds(self, now: float) -> float | None:
        """Return how long the rest will take (seconds); None as long as too few trials have ended here."""
        if self._all.n < FEWEST_ENDED or self._began is None:
            return None
        ran = {number: now - since for number, since in self._running.items()}
        spent, offered = self._all.seconds + sum(ran.values()), self._n_workers * (now - self._began)
        use = min(max(spent / offered, LEAST_USE), 1.0) if offered > 0 else 1.0
        work = self._work_of_confirmations(ran) if self._is_confirming else self._work_of_search(ran)
        return work / (self._n_workers * use)

    def _work_of_search(self, ran: Mapping[int, float]) -> float:
        """Return how long one worker would take for the search, and for all that follows (seconds)."""
        mean = self._mean_seconds(ran)
        running = sum(
            max(mean[self._may_be_pruned.get(number, False)] - seconds, 0.0)
            for number, seconds in ran.items()
        )
        n_to_come = max(self.n_trials - self._n_ended - len(ran), 0)
        whole = self._whole.seconds / self._whole.n if self._whole.n else mean[False]
        return running + n_to_come * mean[self.prunes] + self.n_confirmations * whole

    def _work_of_confirmations(self, ran: Mapping[int, float]) -> float:
        ended = self._whole if self._whole.n else self._all
        mean = ended.seconds / ended.n
        n_left = max(self.n_confirmations - self._n_ended, 0)
        return max(n_left * mean - sum(min(seconds, mean) for seconds in ran.values()), 0.0)

    def _mean_seconds(self, ran: Mapping[int, float]) -> dict[bool, float]:
        """Return how long trials are that cannot be pruned, and that can (seconds)."""
        seconds = {kind: ended.seconds for kind, ended in self._searched.items()}
        for number, so_far in ran.items():
            seconds[self._may_be_pruned.get(number, False)] += so_far
        free, prunable = self._searched[False].n, self._searched[True].n
        if free == 0:
            mean = seconds[True] / prunable
            return {False: mean, True: mean}
        whole = seconds[False] / free
        guess = GUESS_COUNTS_AS * SHARE_IF_PRUNED * whole
        return {False: whole, True: (seconds[True] + guess) / (prunable + GUESS_COUNTS_AS)}


@dataclass(frozen=True, slots=True)
class BestSoFar:
    """The complete trial with the best dev metric until now; over folds, a mean with a standard error."""

    number: int
    dev_metric: float
    dev_loss: float
    values: Mapping[str, Value]
    standard_error: float | None = None


@dataclass(frozen=True, slots=True)
class AtWork:
    """What a worker does: the trial it runs, and the epochs it has run of it."""

    number: int
    epochs: int
    max_epochs: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A trial that has not ended, as storage shows it: not on which worker, nor how far it is.

    Attributes
    ----------
    number
        The trial's.
    since
        When it was asked for; local time.
    """

    number: int
    since: datetime


def progress_of(config: ResolvedStudy) -> "StudyProgress":
    """Return how a study stands that has no trials yet."""
    return StudyProgress(
        config.trials,
        metric=config.metric,
        n_folds=config.split.folds,
        most_confirmations=config.confirmation.most_runs,
        prunes=config.pruner.kind is not PrunerName.NONE,
        has_limits=config.budget != BudgetConfig(),
    )


class StudyProgress:
    """Counts trials, remembers the best so far, and knows what each worker does.

    Parameters
    ----------
    n_trials
        The study's budget.
    metric
        What trials are chosen by, and whether the highest or the lowest value is the best.
    n_folds
        Trainings in a trial.
    most_confirmations
        Trainings of finalists that may follow.
    prunes
        Whether trials are pruned.
    has_limits
        Whether the search may end before all its trials have run.
    clock
        Gives the time (seconds).

    Attributes
    ----------
    is_running
        Whether somebody runs the study: who watches it from storage alone may find that nobody does.
    asked_for
        Trials that have not ended, where storage alone is known of them; `at_work` is empty then.
    ending, n_confirmations
        Why the search ended and how many confirmations follow, once it has; they are counted apart, in
        `n_confirmed`, and not ranked.
    """

    def __init__(  # noqa: PLR0913 (what is known of a study as it begins, each by its name)
        self,
        n_trials: int,
        *,
        metric: Metric,
        n_folds: int = 1,
        most_confirmations: int = 0,
        prunes: bool = True,
        has_limits: bool = False,
        clock: Callable[[], float] = run_seconds,
    ) -> None:
        self.n_trials = n_trials
        self.n_confirmations: int | None = None
        self.n_confirmed = 0
        self.ending: SearchEnding | None = None
        self.n_folds = n_folds
        self.has_limits = has_limits
        self._metric = metric
        self.n_restored = 0
        self.counts: Counter[State] = Counter()
        self.best: BestSoFar | None = None
        self.best_so_far: list[float] = []
        self.at_work: dict[str, AtWork] = {}
        self.asked_for: Sequence[Asked] = ()
        self.is_running = True
        self.n_lost_runs = 0
        self._values: dict[int, Mapping[str, Value]] = {}
        self._max_epochs = 0
        self._clock = clock
        self._began = clock()
        self._time_left = TimeLeft(n_trials, most_confirmations, prunes)

    @property
    def n_ended(self) -> int:
        """Trials that have ended, in this run or an earlier one."""
        return self.counts.total()

    @property
    def elapsed_seconds(self) -> float:
        """Time since this run began, without pauses (seconds)."""
        return self._clock() - self._began

    @property
    def left_seconds(self) -> float | None:
        """Time that search and confirmations will still take (seconds); None while too few have ended."""
        return self._time_left.seconds(self._clock())

    @property
    def is_left_rough(self) -> bool:
        """Whether `left_seconds` rests on a guess more than on trials that ended."""
        return self._time_left.is_rough

    def goes_on(self, *, for_seconds: float) -> None:
        """Count the time from so many seconds ago: the run had begun before this was made."""
        self._began = self._clock() - for_seconds

    def asked(self, request: TrialRequest, values: Mapping[str, Value]) -> None:
        """Remember the trial's values."""
        self._values[request.number] = values
        self._max_epochs = request.rules.max_epochs * self.n_folds
        may_be_pruned = bool(request.thresholds or request.fold_thresholds)
        self._time_left.asked(request.number, may_be_pruned=may_be_pruned)

    def restored(self, trial: FrozenTrial) -> None:
        """Count a trial of an earlier run."""
        state = lifecycle_state(trial)
        self._time_left.restored()
        if self.ending is not None:
            self.n_confirmed += 1
            return
        self.n_restored += 1
        if state is State.COMPLETE and record_of(trial).set_aside is None:
            best = dev_figures_of(trial)
            self._rank(trial.number, best.metric, best.loss, record_of(trial).standard_error)
        self._count(state)

    def happened(self, event: Event, state: State) -> None:
        """Take in what the pool reported."""
        match event:
            case TrialStarted():
                self._time_left.started(event.number, self._clock())
                self.at_work[event.worker] = AtWork(event.number, 0, self._max_epochs)
            case TrialAdvanced():
                self.at_work[event.worker] = AtWork(event.number, event.epochs, self._max_epochs)
            case TrialEnded():
                self.at_work.pop(event.worker, None)
                if state is State.COMPLETE and self.ending is None:
                    error = standard_error_of(event)
                    self._rank(event.number, event.dev_metric, event.dev_loss, error)
                self._time_left.ended(
                    event.number,
                    seconds=event.seconds,
                    is_whole=state is State.COMPLETE,
                )
                self._count(state)
            case TrialLost():
                self.at_work.pop(event.worker, None)
                self._time_left.lost(event.number, is_for_good=state.is_ended)
                self.n_lost_runs += 1
                if state.is_ended:
                    self._count(state)

    def confirming(self, ending: SearchEnding, n_confirmations: int) -> None:
        """Count what ends from now on as a confirmation."""
        self.ending, self.n_confirmations = ending, n_confirmations
        self._time_left.confirming(n_confirmations)

    def said(self, line: str) -> None:
        """Take no notice: how a study stands is not changed by it."""

    def values_of(self, number: int) -> Mapping[str, Value]:
        """Return the searched hyperparameters of a trial."""
        return self._values[number]

    def _rank(self, number: int, dev_metric: float, dev_loss: float, standard_error: float | None) -> None:
        challenger = BestSoFar(number, dev_metric, dev_loss, self._values[number], standard_error)
        if self.best is None or self._order(challenger) < self._order(self.best):
            self.best = challenger

    def _count(self, state: State) -> None:
        if self.ending is not None:
            self.n_confirmed += 1
            return
        self.counts[state] += 1
        if self.best is not None:
            self.best_so_far.append(self.best.dev_metric)

    def _order(self, best: BestSoFar) -> Rank:
        return rank_of(self._metric, DevFigures(best.dev_metric, best.dev_loss), best.number)
