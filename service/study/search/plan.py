"""What the coordinator runs, and who watches: a plan says which trials come next, and hears of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from optuna.trial import FrozenTrial

from search_spaces.values import Value
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.storage.kept_trials import AskedTrial, TrialResult
from workers.messages import Event, TrialRequest


@dataclass(frozen=True, slots=True)
class Planned:
    """A trial that is to run: what is kept of it from now on, and what a worker needs to know."""

    asked: AskedTrial
    request: TrialRequest


class Plan(Protocol):
    """Decides which trials of a study run, one by one or all at once; knows no pool and no storage.

    It knows its trials by place, their order in the plan from 0, and yields and restores requests and asked
    trials with the place for a number. The study's numbers may have gaps, where other tools made trials.
    """

    @property
    def is_exhausted(self) -> bool:
        """Whether no further trial will be asked for."""
        ...

    @property
    def awaited(self) -> Sequence[int]:
        """The places of the trials whose progress the next one waits for."""
        ...

    def ask(self) -> Iterator[Planned]:
        """Yield the trials that are to run now, in the order of their places."""
        ...

    def restore(self, trial: FrozenTrial) -> TrialRequest:
        """Take up a trial of an earlier run of the study, ended or not, by ascending number."""
        ...

    def advanced(self, place: int, at_least: int) -> None:
        """Hear that a trial goes on, and will run so many epochs at least unless it fails."""
        ...

    def ended(self, place: int, epochs: int | None) -> float | None:
        """Hear that a trial has ended, and return its virtual end, where there is one.

        Parameters
        ----------
        place
            The trial's place.
        epochs
            Epochs begun; None where it was lost for good, since how far it came is an accident.
        """
        ...

    def learn(self, result: TrialResult) -> None:
        """Take in what came of a trial, with its place for a number, right after `ended`."""
        ...


class StudyObserver(Protocol):
    """Somebody who watches a study; hears of nothing before it is durable."""

    def asked(self, request: TrialRequest, values: Mapping[str, Value]) -> None:
        """Hear of a trial that is about to be dispatched, or was in an earlier run of the study."""
        ...

    def restored(self, trial: FrozenTrial) -> None:
        """Hear of a trial that had ended in an earlier run of the study."""
        ...

    def happened(self, event: Event, state: State) -> None:
        """Hear what the pool reported, and the state that it took the trial to."""
        ...

    def confirming(self, ending: SearchEnding, n_confirmations: int) -> None:
        """Hear that the search has ended, and how many confirmations follow: trials from now on are those."""
        ...

    def said(self, line: str) -> None:
        """Hear of something that people should know now, such as a database that does not answer."""
        ...
