"""Proctor from Python: what programs and notebooks need, and nothing else.

A name is imported when it is first used, so that a program that only predicts loads neither Optuna nor Ray.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from html import escape
from importlib import import_module
from io import StringIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from service.errors import BadInputError, ProctorError, ProctorWarning

if TYPE_CHECKING:
    import polars as pl

    from service.advice.study_diagnosis import StudyDiagnosis
    from service.configuration.launch_config import LaunchConfig
    from service.python.estimators import ProctorClassifier, ProctorRegressor
    from service.python.winner_estimator import WinnerClassifier, WinnerRegressor, load_winner
    from service.report.facts.study_report import StudyReport
    from service.report.facts.trials import BestTrial

__all__ = [
    "BadInputError",
    "ProctorClassifier",
    "ProctorError",
    "ProctorRegressor",
    "ProctorWarning",
    "Report",
    "Study",
    "load_winner",
    "run",
]

_HOMES: Mapping[str, str] = {
    "ProctorClassifier": "service.python.estimators",
    "ProctorRegressor": "service.python.estimators",
    "load_winner": "service.python.winner_estimator",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 (any of the names)
    """Import a name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'proctor' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__


@dataclass(frozen=True)
class Study:
    """A study in a database, however it was run.

    Parameters
    ----------
    name
        The study.
    storage
        URL of its database; `PROCTOR_STORAGE`, or proctor.db in the working directory, where left out.

    Raises
    ------
    BadInputError
        There is no such study. What reads it raises the same for a study that another version made.
    """

    name: str
    storage: str | None = None
    _winners: "dict[object, WinnerClassifier | WinnerRegressor]" = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def open(cls, name: str, storage: str | None = None) -> Self:
        """Return a study that is there."""
        study = cls(name, storage)
        study._loaded()
        return study

    def report(self) -> "Report":
        """Return the report, as it stands now: a page in a notebook, text where it is printed."""
        from service.report.facts.report_contents import gather_contents
        from service.report.page.page import page_html
        from service.study.storage.database import open_storage
        from service.study.storage.stored_study import load_study

        with closing(open_storage(self._launch, create=False)) as store:
            contents = gather_contents(load_study(store, self.name), store)
        return Report(contents.report, page_html(contents))

    def trials(self) -> "pl.DataFrame":
        """Return all trials, a row each: state, figures, times and hyperparameters."""
        from service.report.facts.trials import trial_rows, trials_frame

        study = self._loaded()
        return trials_frame(study, trial_rows(study))

    @property
    def best(self) -> "BestTrial | None":
        """The trial that is ahead, by the rule that winners are chosen by; None while none is complete."""
        from service.report.facts.trials import best_trials

        study = self._loaded()
        return next(iter(best_trials(self.name, study.trials, study.metric, n=1).best), None)

    @property
    def winner(self) -> "WinnerClassifier | WinnerRegressor":
        """The winner of a study that has ended, to predict with: trained again at its first use.

        Where another trial has won since, as the search was extended or a trial set aside, it is that one.

        Raises
        ------
        ProctorError
            The study has not ended, has no winner, or its data have changed.
        """
        from service.commands.export import who_won, winner_of_study
        from service.python.winner_estimator import winner_estimator

        won = who_won(self.name, self._launch)
        if won not in self._winners:
            self._winners.clear()
            self._winners[won] = winner_estimator(winner_of_study(self.name, self._launch))
        return self._winners[won]

    @property
    def diagnosis(self) -> "StudyDiagnosis":
        """Gaps, findings and what to try next, without any test figure."""
        from service.advice.study_diagnosis import diagnose_study

        return diagnose_study(self._loaded())

    @property
    def _launch(self) -> "LaunchConfig":
        from service.configuration.study_file import launch_from_flags

        return launch_from_flags({"launch.storage": self.storage})

    def _loaded(self) -> Any:  # noqa: ANN401 (a StoredStudy: no public type)
        from service.report.facts.lookups import study_of

        return study_of(self.name, self._launch)


def run(
    table: str | PathLike[str],
    *,
    workers: int = 0,
    keep_sealed: bool = False,
    look_again: str | None = None,
    verbose: bool = True,
    **settings: object,
) -> Study:
    """Run a study as `proctor run` does, and to the same bits.

    Parameters
    ----------
    table
        A built-in table, a table's file, or a study file (.toml).
    workers
        Workers to start; 0 trains in this process, without Ray.
    keep_sealed
        Whether the test set is left sealed at the end.
    look_again
        Why the test set is opened also where other studies opened it before.
    verbose
        Whether a bar shows how the study goes, in a terminal or a notebook.
    settings
        The command's other flags, with underscores: `target="price"`, `trials=100`, `storage=URL`. An
        `estimator` or a `learner` may be the function or the class itself, and `space` a mapping.

    Returns
    -------
    Study
        The study; of a contest, `model="boosting,linear"`, that of the best kind of model.

    Raises
    ------
    BadInputError
        The table or a setting is refused; nothing has been written then.
    ProctorError
        The study cannot be ended, or was interrupted; what has been done is kept.

    Warns
    -----
    ProctorWarning
        For each thing to know of the data, before the search begins.
    """
    from contextlib import nullcontext

    from service.commands.beginning import checked_data
    from service.commands.run import run_study
    from service.configuration.command_flags import check_look_again, command_of_run, study_of
    from service.python.own_code import with_places
    from service.python.progress_bar import ProgressBar
    from service.report.facts.lookups import best_in_contest

    source = str(table)
    flags = {**with_places(settings), "workers": workers}
    config, launch = study_of(source, flags)
    check_look_again(config, keep_sealed=keep_sealed, look_again=look_again)
    run_study(
        config,
        launch,
        checked_data(config),
        command=command_of_run(source, flags, seed=config.seed),
        keep_sealed=keep_sealed,
        look_again=look_again,
        display=nullcontext(ProgressBar(is_shown=verbose)),
        with_page=False,
    )
    name = best_in_contest(config.name, launch) if config.contest else config.name
    return Study(name, launch.storage)


@dataclass(frozen=True)
class Report:
    """A study's report at one moment.

    Attributes
    ----------
    facts
        The whole report as values; `proctor schema --report` explains them.
    page
        The page that `proctor report` writes (HTML).
    """

    facts: "StudyReport"
    page: str

    def write(self, path: str | PathLike[str]) -> None:
        """Write the page to a file."""
        Path(path).write_text(self.page, encoding="utf-8")

    def __str__(self) -> str:
        """Return the text that `proctor show` prints."""
        from rich.console import Console

        from service.report.terminal.report_text import print_report

        file = StringIO()
        print_report(self.facts, Console(file=file, width=100))
        return file.getvalue()

    def _repr_html_(self) -> str:
        """Return the page for a notebook, in a frame of its own: its styles are not the notebook's."""
        style = "width: 100%; height: 40em; border: 1px solid silver"
        return f'<iframe sandbox srcdoc="{escape(self.page)}" style="{style}" title="Report"></iframe>'
