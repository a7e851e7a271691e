"""A study that runs in a program or a notebook: one progress bar, and warnings as Python has them."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType

from optuna.trial import FrozenTrial
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from search_spaces.values import Value
from service.advice.next_study import NextStudy
from service.errors import ProctorError
from service.python.user_warnings import warn
from service.report.facts.study_report import StudyReport
from service.report.wording.numbers import metric_name, metric_text
from service.study.search.plan import StudyObserver
from service.study.search.progress import StudyProgress
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.storage.stored_study import StoredStudy
from workers.messages import Event, TrialRequest


class ProgressBar:
    """The listener of a study that Python runs.

    Parameters
    ----------
    is_shown
        Whether there is a bar; warnings are given in any case.
    """

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown

    def warn(self, text: str) -> None:
        """Warn of what people should know.

        Warns
        -----
        ProctorWarning
            Always.
        """
        warn(text)

    def note(self, text: str) -> None:
        """Say nothing: nobody need act on it."""

    def begin(self, study: StoredStudy, *, n_workers: int, storage: str) -> None:
        """Print nothing: the bar shows it."""

    def next_round(self, following: NextStudy, *, number: int) -> None:
        """Print nothing: the next bar shows it."""

    def next_entrant(self, kind: str, *, number: int, n_kinds: int) -> None:
        """Print nothing: likewise."""

    @contextmanager
    def interruptible(self) -> Iterator[Callable[[], bool]]:
        """Give what hears Ctrl-C, or a notebook's interruption, once; the second interrupts as ever.

        In another thread than the main one nothing does.
        """
        heard: list[int] = []

        def hear(number: int, _frame: FrameType | None) -> None:
            if heard:
                raise KeyboardInterrupt
            heard.append(number)

        if current_thread() is not main_thread():
            yield lambda: False
            return
        before = signal.signal(signal.SIGINT, hear)
        try:
            yield lambda: bool(heard)
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def watching(self, progress: StudyProgress, study: StoredStudy) -> Iterator[StudyObserver]:
        """Show a bar while a study runs."""
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[best]}", markup=False),
        )
        said: list[str] = []
        with Progress(*columns, console=Console(stderr=True), disable=not self._is_shown) as bars:
            yield _Bar(progress, bars, study, said)
        warn(*said)  # not on the way: a program may turn warnings into errors, which would end the study

    def stopped(self, progress: StudyProgress, *, resume: str) -> None:
        """End a run that was interrupted.

        Raises
        ------
        ProctorError
            With how to go on.
        """
        raise ProctorError(
            f"stopped: {progress.n_ended} of {progress.n_trials} trials are done and kept;"
            f" continue with: {resume}"
        )

    def report(self, report: StudyReport) -> None:
        """Say nothing: who asked for the study has it."""

    def page_written(self, path: Path) -> None:
        """Say nothing."""


class _Bar:
    """An observer that moves a bar; the progress hears of everything first."""

    def __init__(self, progress: StudyProgress, bars: Progress, study: StoredStudy, said: list[str]) -> None:
        self._progress, self._bars, self._metric, self._said = progress, bars, study.metric, said
        self._bar = bars.add_task(study.config.name, total=study.config.trials, best="")

    def asked(self, request: TrialRequest, values: Mapping[str, Value]) -> None:
        self._progress.asked(request, values)

    def restored(self, trial: FrozenTrial) -> None:
        self._progress.restored(trial)
        self._show()

    def happened(self, event: Event, state: State) -> None:
        self._progress.happened(event, state)
        self._show()

    def confirming(self, ending: SearchEnding, n_confirmations: int) -> None:
        self._progress.confirming(ending, n_confirmations)
        self._bars.update(self._bar, total=self._progress.n_ended + n_confirmations)
        self._show()

    def said(self, line: str) -> None:
        self._progress.said(line)
        self._said.append(line)

    def _show(self) -> None:
        best, text = self._progress.best, ""
        if best is not None:
            text = f"best dev {metric_name(self._metric)} {metric_text(self._metric, best.dev_metric)}"
        n_done = self._progress.n_ended + self._progress.n_confirmed
        self._bars.update(self._bar, completed=n_done, best=text)
