"""The best trials so far, as they end: who is to be confirmed."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.study.search.confirmation_plan import Finalist
from service.study.search.fold_records import DevFigures
from workers.metrics import Metric


@dataclass(frozen=True, slots=True, order=True)
class _Leader:
    """Ranked as a winner is: by badness, then dev loss, then number."""

    badness: float
    dev_loss: float
    number: int
    finalist: Finalist = field(compare=False)


class Leaders:
    """The best complete trials, at most so many.

    Parameters
    ----------
    n_most
        How many to keep.
    metric
        What trials are chosen by.
    """

    def __init__(self, n_most: int, *, metric: Metric) -> None:
        self._n_most = n_most
        self._metric = metric
        self._leaders: list[_Leader] = []

    @property
    def numbers(self) -> frozenset[int]:
        """Their numbers."""
        return frozenset(leader.number for leader in self._leaders)

    def consider(self, figures: DevFigures, finalist: Finalist) -> None:
        """Take in a trial that is complete."""
        badness = self._metric.badness(figures.metric)
        insort(self._leaders, _Leader(badness, figures.loss, finalist.number, finalist))
        del self._leaders[self._n_most :]

    def best(self, n: int) -> Sequence[Finalist]:
        """Return the best of them, at most `n`, the best first."""
        return [leader.finalist for leader in self._leaders[:n]]
