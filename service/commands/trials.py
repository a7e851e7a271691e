"""A study's trials written to a file, and trials that a person sets aside."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
from optuna.trial import FrozenTrial
from polars import selectors

from service.advice.rounds import Chain, chain_of
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.report.facts.trials import TrialRows, trials_frame
from service.seal.ledger import Ledger
from service.study.storage.database import opened_storage
from service.study.storage.database_url import next_command, shown_storage
from service.study.storage.kept_trials import record_of
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_format import OF_WINNER, SET_ASIDE
from service.winner.models.staging import staged_file

_TIME = "%Y-%m-%dT%H:%M:%S%.3fZ"
"""Times are UTC, in ISO 8601; Parquet has a type for them."""

_TIMES = selectors.datetime()

WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    ".csv": lambda frame, path: frame.write_csv(path, datetime_format=_TIME),
    ".parquet": lambda frame, path: frame.write_parquet(path),
    ".json": lambda frame, path: frame.with_columns(_TIMES.dt.to_string(_TIME)).write_json(path),
}
"""How a file is written, by its ending."""


def write_trials(study: StoredStudy, rows: TrialRows, path: Path) -> None:
    """Write trials to a file, a row each; a file that is there makes way.

    Raises
    ------
    BadInputError
        The ending is another, or the file cannot be written.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise BadInputError(f"--output: expected a file that ends in {', '.join(WRITERS)}, got {path}")
    if not path.parent.is_dir():
        raise BadInputError(f"--output: {path} cannot be written: there is no directory {path.parent}")
    try:
        with staged_file(path) as partial:
            writer(trials_frame(study, rows), partial)
    except OSError as error:
        raise BadInputError(f"--output: {path} cannot be written: {error.strerror or error}") from error


def set_aside(name: str, launch: LaunchConfig, number: int, reason: str | None) -> str:
    """Set a trial aside: it is listed, but neither ranked nor chosen. Return what was done, in a line.

    What the search has seen of it stays as it was, so that the same seed gives the same study. The winner is
    chosen among the others, and measured anew before its test set is opened.

    Parameters
    ----------
    name
        The study.
    launch
        Where it is kept.
    number
        The trial's number. One of the study's own must have ended, and tried a point.
    reason
        Why, in a line, for the report.

    Raises
    ------
    BadInputError
        There is no such trial, or it cannot be set aside; or the test set has been opened.
    StudyHeldError
        The study is running.
    """
    _mark(name, launch, number, "" if reason is None else reason)
    undo = next_command(shown_storage(launch), "trials", name, flags=["--put-back", str(number)])
    return f"trial {number} of study {name} is set aside: `{undo}` undoes it"


def put_back(name: str, launch: LaunchConfig, number: int) -> str:
    """Let a trial that was set aside be ranked and chosen again. Return what was done, in a line.

    Raises
    ------
    BadInputError
        It was not set aside; or as `set_aside`.
    StudyHeldError
        The study is running.
    """
    _mark(name, launch, number, None)
    return f"trial {number} of study {name} is ranked again"


def _mark(name: str, launch: LaunchConfig, number: int, reason: str | None) -> None:
    with opened_storage(launch, create=False) as store:
        load_study(store, name)  # which refuses a wrong name
        with store.take_lease(name) as lease:
            study = load_study(store, name)
            own = {trial.number: trial for trial in study.trials}
            foreign = {each.trial.number: each.trial for each in study.foreign}
            trial = (foreign | own).get(number)
            if trial is None:
                trials = next_command(store.shown_url, "trials", name)
                raise BadInputError(f"study {name!r} has no trial {number}: `{trials}` lists them")
            if reason is not None and record_of(trial).set_aside is not None:
                raise BadInputError(f"trial {number} of study {name!r} is set aside already")
            if reason is None and record_of(trial).set_aside is None:
                raise BadInputError(f"trial {number} of study {name!r} is not set aside")
            if number in own:
                _check_may_change(trial, chain_of(store, study), store.ledger())
                # Before the mark: whoever is killed in between has them measured again.
                for key in OF_WINNER:
                    store.set_attribute(name, key, None, lease=lease)
            store.mark_trial(name, number, SET_ASIDE, reason, lease=lease)


def _check_may_change(trial: FrozenTrial, chain: Chain, ledger: Ledger) -> None:
    """Refuse a trial that cannot be set aside, and a study, or its rounds, whose test set was opened."""
    confirms = record_of(trial).confirms
    if confirms is not None:
        raise BadInputError(
            f"trial {trial.number} repeats trial {confirms} with another seed: set that one aside"
        )
    if not trial.state.is_finished():
        raise BadInputError(f"trial {trial.number} has not ended: expected a trial that has")
    looks = [look for study in chain.studies for look in ledger.looks_of_line(study.identity)]
    if looks:
        raise BadInputError(
            f"the test set was opened for study {looks[0].study_name!r}: the trials that its winner was"
            f" chosen from can no longer change"
        )
