"""How a running study stands: an observer that adds up what it hears, for whoever shows it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from optuna.trial import FrozenTrial

from search_spaces.values import Value
from service.configuration.search_config import PrunerName
from service.configuration.study_config import BudgetConfig, ResolvedStudy
from service.study.search.search_budget import SearchEnding
from service.study.search.time_left import TimeLeft
from service.study.search.trial_lifecycle import State
from service.study.search.trial_records import dev_figures_of, lifecycle_state, standard_error_of
from service.study.storage.trial_attributes import record_of
from workers.messages import Event, TrialAdvanced, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.metrics.metric import Metric
from workers.run_clock import run_seconds


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

    def _order(self, best: BestSoFar) -> tuple[float, float, int]:
        return self._metric.badness(best.dev_metric), best.dev_loss, best.number
