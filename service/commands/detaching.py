"""A study that outlives the terminal it was begun in: the same command, in a session of its own."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import plain_name
from service.errors import BadInputError
from service.report.terminal.interruption import INTERRUPTED_STATUS
from service.seal.identity import ProcessIdentity
from service.study.storage.database import has_study, opened_storage
from service.study.storage.database_url import next_command, shown_storage
from service.study.storage.lease_table import holder_here
from service.study.storage.storage_errors import StorageError

DETACH = "--detach"
_COMMAND = ("-P", "-c", "from service.cli import main; main()")  # -P: nothing of the working directory's
_SECONDS_BETWEEN_LOOKS = 0.3
_STOP_SECONDS = 10.0


def run_detached(
    name: str, arguments: Sequence[str], launch: LaunchConfig, *, say: Callable[..., None]
) -> int:
    """Run a command on a study in a session of its own, and return once it holds the study.

    Its output is appended to STUDY.log in the working directory. What a command says that fails before it
    holds the study is shown here as well, and a log that was made for nothing is removed.

    Parameters
    ----------
    name
        The study.
    arguments
        What stands after `proctor` on the command line, the flag that detaches among it.
    launch
        Where the study is kept.
    say
        Shows a line; with `err=True` on standard error.

    Returns
    -------
    int
        0 once the study runs or has ended; else the status that the command ended with.

    Raises
    ------
    BadInputError
        The log cannot be written.
    """
    log = Path(f"{plain_name(name)}.log").absolute()
    words = list(arguments)
    words.remove(DETACH)
    try:
        is_new = not log.exists()
        file = log.open("ab")
    except OSError as error:
        raise BadInputError(f"{DETACH}: the log {log} cannot be written: {error.strerror}") from error
    with file:
        begins_at = file.tell()
        process = subprocess.Popen(  # noqa: S603 (this very command)
            [sys.executable, *_COMMAND, *words],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        holder = _awaited(launch, process)
    except KeyboardInterrupt:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        say(f"proctor: interrupted before study {name} was begun; its log: {log}", err=True)
        return INTERRUPTED_STATUS
    if process.poll() not in {None, 0}:
        for line in _said(log, begins_at):
            say(line, err=True)
        if is_new and not has_study(launch, name):  # else it may be another's who runs the study
            log.unlink()
        return process.returncode
    if holder is None:
        say(f"study {name} has ended already; its log: {log}")
    else:
        shown = shown_storage(launch)
        say(f"study {name} runs detached, as {holder}; its log: {log}")
        say(f"watch it: {next_command(shown, 'watch', name)}")
        say(f"stop it:  {next_command(shown, 'stop', name)}")
    return 0


def _awaited(launch: LaunchConfig, process: subprocess.Popen[bytes]) -> ProcessIdentity | None:
    """Wait until a process holds a study, and return its identity; None where it ended before."""
    while process.poll() is None:
        holder = _held_by(process.pid, launch)
        if holder is not None:
            return holder
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return None


def _held_by(pid: int, launch: LaunchConfig) -> ProcessIdentity | None:
    """Return who holds a study under a process's number, which may be the newest of some rounds."""
    try:
        with opened_storage(launch, create=False) as store, store.engine.connect() as connection:
            return holder_here(connection, pid)
    except StorageError:  # the process makes the database, or says what is wrong with it
        return None


def _said(log: Path, begins_at: int) -> list[str]:
    """Return what a command that did not begin has printed, without what a run writes meanwhile."""
    lines = log.read_bytes()[begins_at:].decode("utf-8", "replace").splitlines()
    return [line for line in lines if line.startswith("proctor: ")] or lines
