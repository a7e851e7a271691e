"""What a study shows on its way: a live panel, plain lines, or nothing, and the report at its end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from optuna.trial import FrozenTrial
from rich.console import Console

from search_spaces.counted import counted
from search_spaces.values import Value
from service.advice.next_study import NextStudy
from service.configuration.search_config import workers_line
from service.errors import ProctorError
from service.report.facts.study_report import StudyReport
from service.report.terminal.advice_text import print_learning_curve
from service.report.terminal.figures_text import BEFORE_THE_SEARCH
from service.report.terminal.interruption import Interruption
from service.report.terminal.quiet_streams import Streams, log_file, quiet_streams
from service.report.terminal.report_text import print_brief_report, print_report
from service.report.terminal.running_study import LineListener, LivePanel, PlainLines
from service.report.terminal.showing import Showing
from service.report.wording.numbers import metrics_text
from service.report.wording.study_line import study_line
from service.study.search.plan import StudyObserver
from service.study.search.progress import StudyProgress
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.storage.stored_study import StoredStudy
from service.winner.learning_curve.learning_curve import LearningCurve
from workers.messages import Event, TrialRequest

STOPPING = "stopping: running trials have 3 seconds to end; Ctrl-C again stops at once"


@dataclass(frozen=True, slots=True)
class Both:
    """Two observers, the first informed first."""

    first: StudyObserver
    second: StudyObserver

    def asked(self, request: TrialRequest, values: Mapping[str, Value]) -> None:
        """Tell both."""
        self.first.asked(request, values)
        self.second.asked(request, values)

    def restored(self, trial: FrozenTrial) -> None:
        """Tell both."""
        self.first.restored(trial)
        self.second.restored(trial)

    def happened(self, event: Event, state: State) -> None:
        """Tell both."""
        self.first.happened(event, state)
        self.second.happened(event, state)

    def confirming(self, ending: SearchEnding, n_confirmations: int) -> None:
        """Tell both."""
        self.first.confirming(ending, n_confirmations)
        self.second.confirming(ending, n_confirmations)

    def said(self, line: str) -> None:
        """Tell both."""
        self.first.said(line)
        self.second.said(line)


class Display:
    """The screen, for one study.

    Parameters
    ----------
    streams
        The real standard output and error.
    showing
        What the user asked for.
    log
        Path of the file that takes everybody else's messages.
    has_begun
        Whether the study's first line has been printed.
    """

    def __init__(self, streams: Streams, showing: Showing, *, log: str, has_begun: bool = False) -> None:
        self._streams = streams
        self._showing = showing
        self._log = log
        self._has_begun = has_begun
        is_terminal = streams.out.isatty()
        self._console = Console(file=streams.out, width=None if is_terminal else 100, soft_wrap=False)
        self._is_live = not showing.is_silent and is_terminal
        self._panel: LivePanel | None = None

    def warn(self, text: str) -> None:
        """Say something that the user should know, on standard error."""
        print(f"proctor: warning: {text}", file=self._streams.err)

    def keep(self, line: str) -> None:
        """Write a line to the log: the screen may be gone."""
        if self._streams.log is not None:
            print(line, file=self._streams.log)

    def note(self, text: str) -> None:
        """Say something of the data that nobody need act on, on standard error."""
        if self._showing.is_silent:
            return
        print(f"proctor: {text}", file=self._streams.err)

    def begin(self, study: StoredStudy, *, n_workers: int, storage: str) -> None:
        """Say what begins, or goes on."""
        if self._showing.is_silent:
            return
        config, has_test_set = study.config, study.test_fingerprint is not None
        if not self._has_begun:
            may_be_opened = study.is_over or len(study.extensions) > 0
            self._say(
                study_line(
                    name=config.name,
                    table=config.data.table,
                    task=study.task,
                    target=study.target,
                    n_examples=study.n_examples,
                    is_sealed=has_test_set and not may_be_opened,
                )
            )
        self._has_begun = False  # each further round has a line of its own
        if not has_test_set:
            self._say(BEFORE_THE_SEARCH)
        at_most = "up to " if n_workers > 1 else ""  # a short search ends before all are there
        self._say(
            f"{counted(config.trials, 'trial')} on {at_most}{counted(n_workers, 'worker')},"
            f" seed {config.seed}, concurrency {config.concurrency},"
            f" chosen by {metrics_text(study.metric, study.watch)}"
        )
        too_many = workers_line(n_workers, concurrency=study.concurrency, n_trials=config.trials)
        if too_many is not None:
            self._say(too_many)
        if self._showing is Showing.ALL:
            self._say(f"storage {storage}")
            self._say(f"other messages {self._log}")

    def next_round(self, following: NextStudy, *, number: int) -> None:
        """Say what the next of several rounds tries, and what it changes."""
        if self._showing.is_silent:
            return
        self._say(f"round {number} of at most {following.config.rounds.count}: {following.step}")
        for key, reason in following.reasons.items():
            name = key.removeprefix("space.")
            dimension = following.config.space.dimensions.get(name, "")
            self._say(f"  {name} {dimension}, {reason}" if dimension else f"  {name}, {reason}")

    def next_entrant(self, kind: str, *, number: int, n_kinds: int) -> None:
        """Say which kind of model a contest goes on with."""
        if not self._showing.is_silent:
            self._say(f"kind {number} of {n_kinds}: {kind}")

    def interruptible(self) -> Interruption:
        """Give what hears Ctrl-C and its like, for as long as it is entered."""
        return Interruption(self._stopping, terminal=self._streams.out.fileno() if self._is_live else None)

    @contextmanager
    def watching(self, progress: StudyProgress, study: StoredStudy) -> Iterator[StudyObserver]:
        """Show a study while it runs; give the coordinator what is yielded."""
        told = Both(progress, LineListener(self.keep))
        if self._showing.is_silent:
            yield Both(told, LineListener(self.warn))
        elif self._is_live:
            panel = LivePanel(
                progress,
                title=study.config.name,
                console=self._console,
                metric=study.metric,
                has_test_set=study.test_fingerprint is not None,
            )
            self._panel = panel
            with panel:
                yield Both(told, LineListener(panel.show_note))
        else:
            is_brief = self._showing is Showing.BRIEF
            lines = PlainLines(progress, self._streams.out, metric=study.metric, is_brief=is_brief)
            yield Both(told, lines)

    def _stopping(self) -> None:
        """Say that an interruption was heard."""
        if self._panel is not None:
            self._panel.show_note(STOPPING)
        elif self._showing is not Showing.JSON:
            print(STOPPING, file=self._streams.err)

    def stopped(self, progress: StudyProgress, *, resume: str) -> None:
        """Say what is kept of an interrupted study, and how to go on."""
        what = f"{progress.n_ended} of {progress.n_trials} trials"
        if progress.ending is not None:
            what = f"the search and {progress.n_confirmed} of {progress.n_confirmations} confirmations"
        line = f"stopped: {what} are done and kept; continue with: {resume}"
        print(line, file=self._streams.err)
        self.keep(line)

    def report(self, report: StudyReport) -> None:
        """Show the report."""
        show_report(report, self._showing, self._console)

    def learning_curve(self, curve: LearningCurve) -> None:
        """Show a learning curve."""
        if self._showing is Showing.JSON:
            self._streams.out.write(curve.model_dump_json(indent=2) + "\n")
        else:
            print_learning_curve(curve, self._console)

    def say(self, line: str) -> None:
        """Say how it goes, on standard output, where all is to be shown."""
        if not self._showing.is_silent:
            self._say(line)

    def page_written(self, path: Path) -> None:
        """Say where the report's file is: where a script reads the report itself, on standard error."""
        if not self._showing.is_silent:
            self._say(page_text(path))
        elif self._showing is Showing.JSON:
            print(f"proctor: {page_text(path)}", file=self._streams.err)

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def page_text(path: Path) -> str:
    """Say where a report's file is."""
    return f"The whole report, with pictures: {path}"


def show_report(report: StudyReport, showing: Showing, console: Console) -> None:
    """Print a report for people, or as one JSON object."""
    if showing is Showing.JSON:
        console.file.write(report.model_dump_json(indent=2) + "\n")
    elif showing is Showing.BRIEF:
        print_brief_report(report, console)
    else:
        print_report(report, console)


@contextmanager
def opened_display(name: str, showing: Showing, *, has_begun: bool = False) -> Iterator[Display]:
    """Keep the screen for what the user is to see; all else goes to a log file."""
    with log_file(name) as log, quiet_streams(log) as streams:
        display = Display(streams, showing, log=str(log), has_begun=has_begun)
        try:
            yield display
        except ProctorError as error:  # which the screen is told, too, if it is still there
            display.keep(str(error))
            raise
