"""A running study on a terminal: a panel that is drawn anew four times a second."""

from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from service.search.progress import StudyProgress
from service.search.trial_lifecycle import State
from service.terminal.wording import (
    duration_text,
    metric_name,
    metric_text,
    sparkline,
    value_text,
)

REFRESHES_PER_SECOND = 4
MOST_WORKERS_SHOWN = 16


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
        What trials are chosen by: `error` or `rmse`.

    Attributes
    ----------
    note
        A line below all else, for what the user should know now.
    """

    def __init__(self, progress: StudyProgress, *, title: str, console: Console, metric: str) -> None:
        self._progress = progress
        self._title = title
        self._metric = metric
        self.note = ""
        self._live = Live(self, console=console, refresh_per_second=REFRESHES_PER_SECOND)

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
        parts = Group(
            self._counts(), self._bar(width - 4), self._best(width - 4), self._workers(), self._times()
        )
        yield Panel(parts, title=Text(self._title, style="bold"), title_align="left", width=width)

    def _counts(self) -> Text:
        progress, counts = self._progress, self._progress.counts
        text = Text.assemble((f"{progress.n_ended}", "bold"), f" of {progress.n_trials} trials done")
        text.append(f"  {counts[State.COMPLETE]} complete", style="green")
        text.append(f"  {counts[State.PRUNED]} pruned", style="yellow")
        text.append(f"  {counts[State.FAILED]} failed", style="red" if counts[State.FAILED] else "dim")
        if progress.n_lost_runs:
            text.append(f"  {progress.n_lost_runs} lost runs", style="red")
        return text

    def _bar(self, width: int) -> Table:
        progress = self._progress
        bar = Table.grid()  # a bar by itself would not end its line
        bar.add_row(ProgressBar(total=progress.n_trials, completed=progress.n_ended, width=width))
        return bar

    def _best(self, width: int) -> Group:
        best, so_far = self._progress.best, list(self._progress.best_so_far)
        if best is None:
            return Group(Text("no trial is complete yet", style="dim"))
        line = Text("best dev ")
        line.append(f"{metric_name(self._metric)} ")
        line.append(metric_text(self._metric, best.dev_metric), style="bold cyan")
        line.append(f"  trial {best.number}  ")
        line.append(sparkline(so_far, max(width - len(line.plain), 1)), style="cyan")
        values = Text(style="dim")
        for name, value in best.values.items():
            values.append(f"{name} ").append(value_text(value), style="not dim").append("  ")
        return Group(line, values)

    def _workers(self) -> Table:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        at_work = sorted(self._progress.at_work.copy().items())
        for worker, work in at_work[:MOST_WORKERS_SHOWN]:
            filled = round(10 * work.epochs / work.max_epochs)
            table.add_row(
                Text(worker, style="dim", overflow="ellipsis", no_wrap=True),
                Text(f"trial {work.number}"),
                Text("━" * filled + "╌" * (10 - filled), style="blue"),
                Text(f"epoch {work.epochs} of {work.max_epochs}"),
            )
        if len(at_work) > MOST_WORKERS_SHOWN:
            table.add_row(Text(f"and {len(at_work) - MOST_WORKERS_SHOWN} more", style="dim"))
        return table

    def _times(self) -> Text:
        progress = self._progress
        text = Text(f"{duration_text(progress.elapsed_seconds)} gone", style="dim")
        left = progress.left_seconds
        if left is not None and progress.n_ended < progress.n_trials:
            text.append(f", about {duration_text(left)} left")
        if self.note:
            text.append(f"\n{self.note}", style="yellow not dim")
        return text
