"""A study watched from another terminal or machine, from storage alone."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rich.console import Console

from service.advice.rounds import names_of_rounds
from service.commands.stop import running_round
from service.configuration.launch_config import LaunchConfig
from service.report.terminal.display import Both
from service.report.terminal.interruption import INTERRUPTED_STATUS
from service.report.terminal.running_study import LineListener, LivePanel, PlainLines
from service.report.terminal.screen import screen
from service.report.wording.numbers import metric_name, metric_text
from service.study.search.following import StudyFollower
from service.study.search.plan import StudyObserver
from service.study.search.progress import progress_of
from service.study.storage.database import opened_storage
from service.study.storage.database_failures import ANSWERS_AGAIN
from service.study.storage.database_url import next_command
from service.study.storage.lease_table import LeaseHolder
from service.study.storage.storage_errors import StorageAwayError
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_format import ROUNDS_ENDING, WINNER
from service.study.storage.study_store import StudyStore

SECONDS_BETWEEN_LOOKS = 1.0


def watch_study(name: str, launch: LaunchConfig) -> int:
    """Show a study's progress until it ends or Ctrl-C, and return the command's exit status.

    Nothing is written to the database, and the study does not notice.

    Parameters
    ----------
    name
        The study; any of several rounds stands for the one that runs, and for those that follow.
    launch
        Where it is kept.

    Raises
    ------
    StorageError
        There is no such study, or the database cannot be read.
    """
    console = screen()
    with opened_storage(launch, create=False) as store:
        running: str | None = running_round(store, name)
        try:
            while running is not None:
                shown = running
                resume = next_command(store.shown_url, "resume", name)
                running = _Watch(load_study(store, shown), store, console, resume=resume).to_its_end()
        except KeyboardInterrupt:
            stop = next_command(store.shown_url, "stop", name)
            _say(console, f"no longer watched; study {shown} runs on (`{stop}` stops it)")
            return INTERRUPTED_STATUS
        show = next_command(store.shown_url, "show", name)
        _say(console, f"study {name} has ended: `{show}` shows its report")
    return 0


class _End(NamedTuple):
    """That the watching of a study has come to its end, and the study that is to be watched next, if any."""

    following: str | None


class _Watch:
    """One study, watched to its end.

    Parameters
    ----------
    study
        The study, or one of its rounds.
    store
        Where it is kept.
    console
        The screen.
    resume
        The command that goes on with it.
    """

    def __init__(self, study: StoredStudy, store: StudyStore, console: Console, *, resume: str) -> None:
        self._study, self._store, self._console, self._resume = study, store, console, resume
        self._progress = progress_of(study.config)
        self._holder: LeaseHolder | None = None
        self._said = ""

    def to_its_end(self) -> str | None:
        """Watch until the study has ended; return what is to be watched next, None where nothing is.

        That is the round that follows; or the study itself, where its search was made to go on.
        """
        with self._shown() as observer:
            name = self._study.config.name
            follower = StudyFollower(
                name, self._study.config, self._store, observer, n_extensions=len(self._study.extensions)
            )
            follower.begin()
            self._progress.asked_for = follower.asked_for
            if not self._console.is_terminal:
                observer.said(self._so_far())
            is_away = False
            while True:
                try:
                    end = self._look(follower, observer)
                    if end is not None:
                        return end.following
                except StorageAwayError as error:
                    is_away = True
                    self._tell(f"{error}; trying again every second", observer)
                else:
                    if is_away:
                        is_away = False
                        observer.said(ANSWERS_AGAIN)
                time.sleep(SECONDS_BETWEEN_LOOKS)

    def _look(self, follower: StudyFollower, observer: StudyObserver) -> _End | None:
        """Show what has changed; return how the watching ends, None where it goes on."""
        # Before the trials: who has given the lease back by now has written all that it will.
        holder = self._store.holder(self._study.config.name)
        if _is_held(holder):
            self._tell_who_runs_it(holder, observer, is_over=follower.is_over)
        follower.look()
        if follower.is_outdated:
            observer.said("its limits were changed: its search continues")
            return _End(self._study.config.name)
        self._progress.asked_for = follower.asked_for
        if follower.is_over and not _is_held(holder) and self._is_concluded():
            later = self._later_round()
            if later is not None or self._is_last():
                return _End(later)
        if not _is_held(holder):
            self._tell_who_runs_it(holder, observer, is_over=False)
        return None

    @contextmanager
    def _shown(self) -> Iterator[StudyObserver]:
        """Give who shows what happens: a panel on a terminal, else plain lines."""
        progress, study = self._progress, self._study
        if not self._console.is_terminal:
            yield Both(progress, PlainLines(progress, sys.stdout, metric=study.metric, is_brief=True))
            return
        with LivePanel(
            progress,
            title=study.config.name,
            console=self._console,
            metric=study.metric,
            has_test_set=study.test_fingerprint is not None,
        ) as panel:
            yield Both(progress, LineListener(panel.show_note))

    def _tell_who_runs_it(
        self, holder: LeaseHolder | None, observer: StudyObserver, *, is_over: bool
    ) -> None:
        """Say who runs the study, where that or its state has changed."""
        if holder is not None and (self._holder is None or self._holder.token != holder.token):
            self._progress.goes_on(for_seconds=holder.held_seconds)
        self._holder = holder
        self._progress.is_running = _is_held(holder) and not is_over
        self._tell(self._who_runs_it(holder, is_over=is_over), observer)

    def _who_runs_it(self, holder: LeaseHolder | None, *, is_over: bool) -> str:
        goes_on = f"`{self._resume}` continues it"
        if holder is None or holder.token is None:
            return f"nobody runs it: {goes_on}"
        if holder.is_gone:
            return f"it was run by {holder}, which is dead: {goes_on}"
        if holder.seems_lapsed:
            return (
                f"run by {holder}, which does not respond: it is dead, paused or cut off; {goes_on}"
                f" without it"
            )
        if is_over:
            return f"all trials have ended; the winner is measured by {holder}"
        stopping = "; asked to stop" if holder.is_asked_to_stop else ""
        return f"run by {holder}{stopping}"

    def _tell(self, line: str, observer: StudyObserver) -> None:
        """Say a line unless it was the last one."""
        if line != self._said:
            self._said = line
            observer.said(line)

    def _so_far(self) -> str:
        """Say how far the study has come as the watching begins."""
        progress, name = self._progress, self._study.config.name
        line = f"study {name}: {progress.n_ended} of {progress.n_trials} trials done"
        if progress.ending is not None:
            line += f", {progress.n_confirmed} of {progress.n_confirmations} confirmations"
        if progress.best is not None:
            metric, best = self._study.metric, progress.best
            line += (
                f", best {metric_name(metric)} {metric_text(metric, best.dev_metric)} (trial {best.number})"
            )
        return line

    def _is_concluded(self) -> bool:
        """Whether nothing is left to do: the winner was measured, or there is none to measure."""
        return self._progress.best is None or self._has(self._study.config.name, WINNER)

    def _later_round(self) -> str | None:
        names = names_of_rounds(self._store, self._study.config.name)
        place = names.index(self._study.config.name) + 1
        return names[place] if place < len(names) else None

    def _is_last(self) -> bool:
        """Whether no round can follow."""
        if self._study.config.n_studies == 1:
            return True
        first = names_of_rounds(self._store, self._study.config.name)[0]
        return self._has(first, ROUNDS_ENDING)

    def _has(self, name: str, key: str) -> bool:
        """Whether a study has an attribute: one that holds no more is null."""
        return self._store.attributes(name).get(key) is not None


def _is_held(holder: LeaseHolder | None) -> bool:
    """Whether somebody holds the lease who may be alive."""
    return holder is not None and holder.token is not None and not holder.is_gone


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
