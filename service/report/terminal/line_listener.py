"""An observer that passes on what people should know now, and nothing else."""

from collections.abc import Callable, Mapping

from optuna.trial import FrozenTrial

from search_spaces.values import Value
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from workers.messages import Event, TrialRequest


class LineListener:
    """Gives each line that is said to a function.

    Parameters
    ----------
    say
        Shows a line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def asked(self, request: TrialRequest, values: Mapping[str, Value]) -> None:
        """Say nothing."""

    def restored(self, trial: FrozenTrial) -> None:
        """Say nothing."""

    def happened(self, event: Event, state: State) -> None:
        """Say nothing."""

    def confirming(self, ending: SearchEnding, n_confirmations: int) -> None:
        """Say nothing."""

    def said(self, line: str) -> None:
        """Pass it on."""
        self._say(line)
