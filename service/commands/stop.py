"""A running study asked to end in order, as Ctrl-C does it, wherever its coordinator runs."""

import time
from collections.abc import Callable
from enum import Enum

from service.advice.rounds import names_of_rounds
from service.configuration.launch_config import LaunchConfig
from service.errors import ProctorError
from service.report.terminal.interruption import INTERRUPTED_STATUS
from service.study.storage.database import opened_storage
from service.study.storage.database_failures import told_as_storage_errors
from service.study.storage.database_url import next_command
from service.study.storage.lease_table import LeaseHolder, ask_to_stop
from service.study.storage.storage_errors import StorageError
from service.study.storage.stored_study import load_study
from service.study.storage.study_format import check_format
from service.study.storage.study_store import StudyStore

_SECONDS_BETWEEN_LOOKS = 0.2


class _End(Enum):
    """How the wait for a coordinator ended."""

    GAVE_UP = "gave the lease up"
    DIED = "died"
    STILL_THERE = "still there"


def stop_study(name: str, launch: LaunchConfig, *, wait_seconds: float, say: Callable[[str], None]) -> int:
    """Ask the coordinator of a study to end in order, wait for it, and return the command's exit status.

    The request is kept in the database, for this coordinator alone: whoever resumes the study is not stopped.

    Parameters
    ----------
    name
        The study; any of several rounds stands for the one that runs.
    launch
        Where it is kept.
    wait_seconds
        How long the end is waited for (seconds).
    say
        Shows a line.

    Returns
    -------
    int
        0 where nobody runs the study any more, 1 where that is not certain.

    Raises
    ------
    StorageError
        There is no such study, or the database cannot be written.
    """
    with opened_storage(launch, create=False) as store:
        running = running_round(store, name)
        holder = store.holder(running)
        if holder is None or holder.token is None:
            say(f"nobody runs study {running!r}: {_state(store, running, asked=name)}")
            return 0
        if holder.is_gone:
            say(f"study {running!r} was run by {holder}, which is dead: {_state(store, running, asked=name)}")
            return 0
        with told_as_storage_errors(store.engine.url), store.engine.begin() as connection:
            ask_to_stop(connection, running, holder.token)
        say(f"study {running!r}: asked {holder} to stop")
        try:
            end, seen = _awaited(store, running, holder, wait_seconds)
        except KeyboardInterrupt:
            say("not waiting for it; the request stands")
            return INTERRUPTED_STATUS
        match end:
            case _End.GAVE_UP:
                say(f"stopped: {_state(store, running, asked=name)}")
            case _End.DIED:
                say(f"{holder.process}, has died in the meantime: {_state(store, running, asked=name)}")
            case _End.STILL_THERE:
                say(_why_not(seen, next_command(store.shown_url, "resume", name)))
                return 1
        return 0


def running_round(store: StudyStore, name: str) -> str:
    """Return which of a study's rounds is run: one whose lease is held, else the newest.

    Raises
    ------
    StorageError
        There is no such study, or it was not made by this version.
    """
    names = names_of_rounds(store, name)
    check_format(names[-1], store.attributes(names[-1]))
    holders = {each: store.holder(each) for each in names}
    held = [each for each, holder in holders.items() if holder is not None and holder.token is not None]
    return held[-1] if held else names[-1]


def _awaited(
    store: StudyStore, name: str, asked: LeaseHolder, wait_seconds: float
) -> tuple[_End, LeaseHolder]:
    """Wait until the holder that was asked holds the lease no more."""
    give_up_at = time.monotonic() + wait_seconds
    while True:
        seen = store.holder(name)
        if seen is None or seen.token != asked.token:
            return _End.GAVE_UP, asked
        if seen.is_gone:
            return _End.DIED, seen
        if time.monotonic() >= give_up_at:
            return _End.STILL_THERE, seen
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _state(store: StudyStore, name: str, *, asked: str) -> str:
    """Say how far a study that nobody runs has come, and what to type next."""
    now = store.holder(name)
    if now is not None and now.token is not None and not now.is_gone:
        return f"by now it is run by {now}"
    try:
        left = load_study(store, name).left
    except StorageError as error:
        return str(error)
    except ProctorError:
        left = ""
    if left:
        return f"{left}; `{next_command(store.shown_url, 'resume', asked)}` continues it"
    return f"all its trials have ended; `{next_command(store.shown_url, 'show', asked)}` shows its report"


def _why_not(holder: LeaseHolder, resume: str) -> str:
    if not holder.seems_lapsed:
        return (
            f"{holder.process}, still holds the study: it first finishes what it is doing, such as"
            f" measuring the winner; the request stands"
        )
    return (
        f"{holder.process}, has not responded for {holder.unrenewed_seconds:.0f} s: it is dead, paused or"
        f" cut off. If it wakes up it stops; `{resume}` continues without it"
    )
