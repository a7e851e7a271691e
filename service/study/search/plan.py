"""What the coordinator runs: a plan says which trials come next, and hears how they went."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from optuna.trial import FrozenTrial

from service.study.storage.kept_trials import AskedTrial, TrialResult
from workers.messages import TrialRequest


@dataclass(frozen=True, slots=True)
class Planned:
    """A trial that is to run: what is kept of it from now on, and what a worker needs to know."""

    asked: AskedTrial
    request: TrialRequest


class Plan(Protocol):
    """Decides which trials of a study run, one by one or all at once; knows no pool and no storage."""

    @property
    def is_exhausted(self) -> bool:
        """Whether no further trial will be asked for."""
        ...

    def ask(self) -> Iterator[Planned]:
        """Yield the trials that are to run now, in the order of their numbers."""
        ...

    def restore(self, trial: FrozenTrial) -> TrialRequest:
        """Take up a trial of an earlier run of the study, ended or not, by ascending number."""
        ...

    def advanced(self, number: int, at_least: int) -> None:
        """Hear that a trial goes on, and will run so many epochs at least unless it fails."""
        ...

    def ended(self, number: int, epochs: int | None) -> float | None:
        """Hear that a trial has ended, and return its virtual end, where there is one.

        Parameters
        ----------
        number
            The trial's number.
        epochs
            Epochs begun; None where it was lost for good, since how far it came is an accident.
        """
        ...

    def learn(self, result: TrialResult) -> None:
        """Take in what came of a trial, right after `ended`."""
        ...
