"""A running study in a pipe: a plain line for each trial, and what people should know now."""

from collections.abc import Callable, Mapping
from typing import TextIO

from optuna.trial import FrozenTrial

from search_spaces.counted import counted
from search_spaces.values import Value
from service.report.wording.numbers import mean_text, metric_name, metric_text, values_text
from service.study.search.progress import StudyProgress
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.search.trial_records import standard_error_of
from workers.messages import Event, TrialEnded, TrialLost, TrialRequest
from workers.metrics.metric import Metric


class PlainLines:
    """An observer that writes a line when a trial ends, or its worker dies.

    Parameters
    ----------
    progress
        How the study stands; told of each event before this is.
    stream
        Where the lines go; flushed after each.
    metric
        What trials are chosen by.
    is_brief
        Whether a line goes without seconds and hyperparameters, and a confirmation run that did not fail has
        none.
    """

    def __init__(
        self, progress: StudyProgress, stream: TextIO, *, metric: Metric, is_brief: bool = False
    ) -> None:
        self._progress = progress
        self._stream = stream
        self._metric = metric
        self._is_brief = is_brief

    def asked(self, request: TrialRequest, values: Mapping[str, Value]) -> None:
        """Say nothing: a trial is told of when it ends."""

    def restored(self, trial: FrozenTrial) -> None:
        """Say nothing: it was told of in the run that it ended in."""

    def happened(self, event: Event, state: State) -> None:
        """Write a line for a trial that ended, or whose worker died."""
        if isinstance(event, TrialEnded):
            if self._is_brief and self._progress.ending is not None and not event.reason:
                return
            self._write(event.number, state, self._of_ended(event))
        elif isinstance(event, TrialLost):
            fate = "given up" if state.is_ended else "it runs again"
            self._write(
                event.number, State.FAILED if state.is_ended else State.WAITING, f"{event.reason}; {fate}"
            )

    def confirming(self, ending: SearchEnding, n_confirmations: int) -> None:
        """Say why the search ended, and what follows."""
        follows = f"; the best are trained {n_confirmations} times more" if n_confirmations else ""
        self.said(f"the search has ended: {ending.text}{follows}")

    def said(self, line: str) -> None:
        """Write the line."""
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def _of_ended(self, event: TrialEnded) -> str:
        parts = []
        if event.reason:
            parts.append(event.reason)
        else:
            error = standard_error_of(event)
            parts.append(f"{metric_name(self._metric)} {mean_text(self._metric, event.dev_metric, error)}")
        best = self._progress.best
        if self._progress.ending is not None:
            parts.append("confirmation")
        elif best is not None:
            parts.append(f"best {metric_text(self._metric, best.dev_metric)} (trial {best.number})")
        epochs = counted(event.epochs, "epoch")
        if self._is_brief:
            parts.append(epochs)
        else:
            parts.append(f"{epochs} in {event.seconds:.2f} s")
            parts.append(values_text(self._progress.values_of(event.number)))
        return "  ".join(parts)

    def _write(self, number: int, state: State, text: str) -> None:
        width = len(str(self._progress.n_trials - 1))
        self.said(f"trial {number:>{width}}  {state:<8}  {text}")


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
