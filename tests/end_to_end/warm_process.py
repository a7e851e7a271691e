"""Processes forked from one that has imported all that commands need: each begins at once.

They are as fresh as any other: what they are forked from has imported and done nothing, and has started no
threads but those of libraries that are made to be forked.
"""

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path

_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(
    [
        __name__,
        "optuna.importance",
        "service.data.checks.adversarial_check",
        "service.data.checks.data_check",
        "service.cli",
        "service.commands.advise",
        "service.commands.export",
        "service.commands.learning_curve",
        "service.commands.dashboard",
        "service.commands.detaching",
        "service.commands.run",
        "service.commands.stop",
        "service.commands.unseal",
        "service.commands.watch",
        "service.report.terminal.studies_table",
        "service.winner.models.prediction_file",
        "service.report.terminal.report_text",
        "sklearn.ensemble",
        "sklearn.linear_model",
    ]
)


def proctor() -> None:
    """Run Proctor's command."""
    from service.cli import main  # noqa: PLC0415 (it has been imported, where this is forked from)

    main()


def module() -> None:
    """Run the module that the first word names, as `python -m` does."""
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def run_warm(
    words: tuple[str, ...],
    *,
    cwd: Path,
    env: dict[str, str],
    timeout: float,
    program: Callable[[], None] = proctor,
) -> subprocess.CompletedProcess[str]:
    """Run a program, whose name and arguments the words are, to its end.

    Raises
    ------
    subprocess.TimeoutExpired
        After so long (seconds).
    """
    with tempfile.TemporaryDirectory(prefix="proctor-") as directory:
        out, err = Path(directory, "out"), Path(directory, "err")
        process = _WARM.Process(target=_run, args=(program, words, cwd, env, (os.devnull, out, err)))
        process.start()
        process.join(timeout)
        status = process.exitcode
        if status is None:
            process.kill()
            raise subprocess.TimeoutExpired(words, timeout, out.read_text(), err.read_text())
        return subprocess.CompletedProcess(words, status, out.read_text("utf-8"), err.read_text("utf-8"))


def _run(
    program: Callable[[], None],
    words: tuple[str, ...],
    cwd: Path,
    env: dict[str, str],
    streams: tuple[str | Path, ...],
) -> None:
    os.setsid()
    for number, path in enumerate(streams):
        opened = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        assert isinstance(stream, TextIOWrapper)
        stream.reconfigure(encoding="utf-8")
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [*words]
    try:
        program()
    finally:
        atexit._run_exitfuncs()  # noqa: SLF001 (as Python does at its end, and a forked process does not)
