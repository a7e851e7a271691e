"""What a progress is told of trials, by a clock that is set by hand."""

from search_spaces.network.point import NetworkPoint
from service.study.search.progress import StudyProgress
from service.study.search.trial_lifecycle import State
from workers.messages import (
    Ending,
    EpochMetrics,
    FoldEnded,
    TrainingRules,
    TrialEnded,
    TrialRequest,
    TrialStarted,
)
from workers.metrics.metric import Metric

RULES = TrainingRules(9, 3, Metric.ERROR, Metric.ERROR)


def asked(progress: StudyProgress, number: int) -> None:
    progress.asked(TrialRequest(number, NetworkPoint(), 0, RULES), {"width": number})


def ended(number: int, metric: float, loss: float = 0.5) -> TrialEnded:
    fold = FoldEnded((EpochMetrics(0, 0, loss, metric, metric),), best_epoch=1)
    return TrialEnded(number, "w", Ending.COMPLETE, (fold,), 1, 0.1)


class Clock:
    """A clock that is set by hand (seconds)."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def search_of(n_trials: int, clock: Clock, *, n_ended: int, most_confirmations: int = 0) -> StudyProgress:
    """Search on one worker, each trial running for the 0.1 seconds that it tells of."""
    progress = StudyProgress(
        n_trials, metric=Metric.ERROR, most_confirmations=most_confirmations, prunes=False, clock=clock
    )
    for number in range(n_ended):
        asked(progress, number)
        progress.happened(TrialStarted(number, "w"), State.RUNNING)
        clock.now += 0.1
        progress.happened(ended(number, 0.3), State.COMPLETE)
    return progress
