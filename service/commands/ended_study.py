"""A study that has nothing left to run: what several commands begin with."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.advice.rounds import best_round, chain_of
from service.commands.stop import running_round
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError, ProctorError
from service.study.search.winner import winner_of
from service.study.storage.database import opened_storage
from service.study.storage.database_url import next_command
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_store import StudyStore


@contextmanager
def ended_study(name: str, launch: LaunchConfig, *, rule: str) -> Iterator[tuple[StudyStore, StoredStudy]]:
    """Open the storage of a study that has nothing left to run, and load it.

    The first of several rounds stands for all of them: it is the round that won that is loaded.

    Parameters
    ----------
    name
        The study.
    launch
        Where it is kept.
    rule
        Why it must have ended.

    Raises
    ------
    BadInputError
        There is no such study, it has something left to run, or it has no winner.
    """
    with opened_storage(launch, create=False) as store:
        study = load_study(store, name)
        check_ended(study, store, rule=rule)
        best = best_round(store, study)
        _check_has_winner(best, store)
        yield store, best


def check_ended(study: StoredStudy, store: StudyStore, *, rule: str) -> None:
    """Refuse a study that has something left to run; the rule says why that is asked.

    Raises
    ------
    BadInputError
        When it has.
    """
    name, chain = study.config.name, chain_of(store, study)
    left = study.left
    if not left and chain.has_rounds and chain.ending is None:
        left = "other kinds of model left" if study.config.contest else "rounds left"
    if left:
        raise BadInputError(f"study {name!r} has {left}: {rule}; {who_continues(store, name)}")


def who_continues(store: StudyStore, name: str) -> str:
    """Say who runs a study and how to follow that; where nobody does, the command that continues it."""
    holder = store.holder(running_round(store, name))
    if holder is None or not holder.runs:
        return f"`{next_command(store.shown_url, 'resume', name)}` continues it"
    watch, stop = (next_command(store.shown_url, command, name) for command in ("watch", "stop"))
    return f"it is run by {holder}: `{watch}` shows it, `{stop}` stops it"


def _check_has_winner(study: StoredStudy, store: StudyStore) -> None:
    """Refuse a study in which no trial that may win is complete."""
    try:
        winner_of(study.trials, study.metric)
    except ProctorError as error:
        name = study.config.name
        trials = next_command(store.shown_url, "trials", name)
        raise BadInputError(f"study {name!r}: {error}; `{trials}` lists them") from error
