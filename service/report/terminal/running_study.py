"""A running study: on a terminal a panel, in a pipe a plain line for each trial.

The panel is drawn anew four times a second. Either has lines for what people should know now.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self, TextIO

from optuna.trial import FrozenTrial
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from search_spaces.counted import counted
from search_spaces.values import Value
from service.report.terminal.figures_text import optimism_so_far
from service.report.terminal.screen import filled_lines, sparkline
from service.report.wording.numbers import (
    duration_text,
    left_text,
    mean_text,
    metric_name,
    metric_text,
    value_text,
    values_text,
)
from service.study.search.progress import StudyProgress
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.search.trial_records import standard_error_of
from workers.messages import Event, TrialEnded, TrialLost, TrialRequest
from workers.metrics.metric import Metric

REFRESHES_PER_SECOND = 4
MOST_WORKERS_SHOWN = 16
LEAST_WIDTH_FOR_BARS = 50


class LivePanel:
    """Shows a study's progress for as long as it is entered; it leaves its last state on the screen.

    Parameters
    ----------
    progress
        How the study stands; read at each refresh, from another thread than the one that changes it.
    title
        The study's name.
    console
        The terminal.
    metric
        What trials are chosen by.
    has_test_set
        Whether the winner will be evaluated on a test set; else the best dev figure is called optimistic.
    """

    def __init__(
        self,
        progress: StudyProgress,
        *,
        title: str,
        console: Console,
        metric: Metric,
        has_test_set: bool = True,
    ) -> None:
        self._progress = progress
        self._title = title
        self._metric = metric
        self._has_test_set = has_test_set
        self._note = ""
        self._worker_numbers: dict[str, int] = {}
        self._live = Live(self, console=console, refresh_per_second=REFRESHES_PER_SECOND)

    def show_note(self, line: str) -> None:
        """Show a line below all else, for what the user should know now."""
        self._note = line

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Draw a last time."""
        self._live.__exit__(kind, error, traceback)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the study as it stands now."""
        width = min(options.max_width, 100)
        inside = options.update_width(width - 4)
        above, below = (
            Group(self._counts(width - 4), self._bar(width - 4), self._best(width - 4)),
            self._times(),
        )
        n_lines = sum(len(console.render_lines(part, inside)) for part in (above, below)) + 2  # the frame
        workers = self._workers(width - 4, most=options.max_height - 1 - n_lines)
        parts = Group(above, workers, below)
        yield Panel(parts, title=Text(self._title, style="bold"), title_align="left", width=width)

    def _counts(self, width: int) -> Text:
        progress, counts = self._progress, self._progress.counts
        pieces = [
            Text.assemble((f"{progress.n_ended}", "bold"), f" of {progress.n_trials} trials done"),
            Text(f"{counts[State.COMPLETE]} complete", "green"),
            Text(f"{counts[State.PRUNED]} pruned", "yellow"),
            Text(f"{counts[State.FAILED]} failed", "red" if counts[State.FAILED] else "dim"),
        ]
        if progress.n_confirmations:
            confirmed = f"{progress.n_confirmed} of {progress.n_confirmations} confirmation runs done"
            pieces.append(Text(confirmed, "cyan"))
        if progress.n_lost_runs:
            pieces.append(Text(counted(progress.n_lost_runs, "lost run"), "red"))
        return filled_lines(pieces, width=width)

    def _bar(self, width: int) -> Table:
        progress = self._progress
        bar = Table.grid()  # a bar by itself would not end its line
        total, done = progress.n_trials, progress.n_ended
        if progress.n_confirmations:
            total, done = progress.n_confirmations, progress.n_confirmed
        bar.add_row(ProgressBar(total=total, completed=done, width=width))
        return bar

    def _best(self, width: int) -> Group:
        best, so_far = self._progress.best, list(self._progress.best_so_far)
        if best is None:
            return Group(Text("no trial is complete yet", style="dim"))
        figure = Text(f"best dev {metric_name(self._metric)} ")
        figure.append(mean_text(self._metric, best.dev_metric, best.standard_error), style="bold cyan")
        if self._progress.n_folds > 1:
            figure.append(f" over {self._progress.n_folds} folds")
        course = Text("best so far ", "dim")
        course.append(sparkline(so_far, max(width - len(course), 1)), style="cyan not dim")
        line = filled_lines([figure, Text(f"trial {best.number}")], width=width)
        values = [
            Text(f"{name} ", "dim").append(value_text(value), "not dim")
            for name, value in best.values.items()
        ]
        lines: list[Text] = [line, course, filled_lines(values, width=width)]
        if not self._has_test_set:
            counts = self._progress.counts
            lines.append(Text(optimism_so_far(counts[State.COMPLETE] + counts[State.PRUNED]), "dim"))
        return Group(*lines)

    def _workers(self, width: int, *, most: int) -> Table:
        """Give each worker a line, and no more lines than the screen has left: the rest is counted."""
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column()  # gives way first
        for _ in range(3):
            table.add_column(no_wrap=True)
        at_work = sorted(self._progress.at_work.copy().items())
        asked_for = self._progress.asked_for
        n_trials = len(at_work) + len(asked_for)
        room = max(min(most, MOST_WORKERS_SHOWN), 1)
        n_shown = n_trials if n_trials <= room else room - 1
        for worker, work in at_work[:n_shown]:
            filled = round(10 * work.epochs / work.max_epochs)
            bar = Text("━" * filled + "╌" * (10 - filled), "blue") if width >= LEAST_WIDTH_FOR_BARS else ""
            table.add_row(
                Text(f"worker {self._number_of(worker)}", "dim", no_wrap=True, overflow="ellipsis"),
                f"trial {work.number}",
                bar,
                f"epoch {work.epochs} of {work.max_epochs}",
            )
        for trial in asked_for[: max(n_shown - len(at_work), 0)]:
            seconds = max((datetime.now() - trial.since).total_seconds(), 0.0)  # noqa: DTZ005 (as Optuna has it)
            table.add_row(Text(f"trial {trial.number}", "dim"), f"asked for {duration_text(seconds)} ago")
        if n_trials > n_shown:
            table.add_row(Text(f"and {n_trials - n_shown} more", "dim", no_wrap=True))
        return table

    def _number_of(self, worker: str) -> int:
        """Return a worker's number, from 1 as they are first seen: the names that pools give are long."""
        return self._worker_numbers.setdefault(worker, len(self._worker_numbers) + 1)

    def _times(self) -> Text:
        progress = self._progress
        text = Text(style="dim")
        if progress.is_running:
            text.append(f"{duration_text(progress.elapsed_seconds)} gone")
        left = progress.left_seconds
        if progress.is_running and left is not None:
            most = "at most " if progress.has_limits and progress.ending is None else ""
            text.append(f", {most}{left_text(left, is_rough=progress.is_left_rough)} left")
        if self._note:
            text.append("\n" if text else "")
            text.append(self._note, style="yellow not dim")
        return text


class PlainLines:
    """An observer that writes a line when a trial ends, or its worker dies.

    Parameters
    ----------
    progress
        How the study stands; it hears of each event before this does.
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
        """Say nothing: a trial is shown when it ends."""

    def restored(self, trial: FrozenTrial) -> None:
        """Say nothing: it was shown in the run that it ended in."""

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
    """Gives each line to a function.

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
