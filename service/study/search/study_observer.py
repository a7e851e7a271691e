"""Somebody who watches a study."""

from collections.abc import Mapping
from typing import Protocol

from optuna.trial import FrozenTrial

from search_spaces.values import Value
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from workers.messages import Event, TrialRequest


class StudyObserver(Protocol):
    """Somebody who watches a study; told of nothing before it is durable."""

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
