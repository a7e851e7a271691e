"""The installed command, run as a user runs it."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from service.study.storage.database_url import file_url
from service.study.storage.storage_errors import StorageError
from service.study.storage.study_store import StudyStore
from tests.end_to_end.warm_process import run_warm
from tests.service.study.search.studies import content

PROCTOR = Path(sys.executable).parent / "proctor"


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment, less what would change what the command does."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PROCTOR_", "RAY_"))}
    ours.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling everything anew would cost each command seconds
    return ours | {"COLUMNS": "100"} | more


def proctor(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end in a new process that has imported everything already."""
    return run_warm(("proctor", *arguments), cwd=cwd, env=environment(**env), timeout=180)


def installed_proctor(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `proctor` to its end as a shell does: for what is read or done as Python starts."""
    return subprocess.run(
        [PROCTOR, *arguments],
        cwd=cwd,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def on_ray(when: Literal["first", "early"], *arguments: str) -> list[str]:
    """Return the words that run the command on Ray, which is there first, or starts early."""
    return [sys.executable, str(Path(__file__).with_name("on_ray.py")), when, *arguments]


def start_proctor(*arguments: str, cwd: Path, **env: str) -> subprocess.Popen[str]:
    """Start `proctor` as a shell does, in a process group of its own."""
    return _started(f"{PROCTOR}", *arguments, cwd=cwd, env=env)


def start_on_ray(
    when: Literal["first", "early"], *arguments: str, cwd: Path, **env: str
) -> subprocess.Popen[str]:
    """Start it likewise, on Ray."""
    return _started(*on_ray(when, *arguments), cwd=cwd, env=env)


def _started(*words: str, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words,
        cwd=cwd,
        env=environment(**env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def database(cwd: Path) -> str:
    """Return the URL of the database in a directory."""
    return file_url(cwd / "proctor.db")


def trials_of(cwd: Path, study: str) -> list[dict[str, Any]]:
    """Return all that a study's trials are, but for accidents and times."""
    store = StudyStore(database(cwd), create=False)
    try:
        return content(store, study)
    finally:
        store.close()


def descendants(pid: int) -> dict[int, str]:
    """Return the processes below one, with the names that they give themselves."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            names[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ").strip()
        except OSError:
            continue
        parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    below: dict[int, str] = {}
    ranks = [pid]
    while ranks:
        parent = ranks.pop()
        for child in [number for number, above in parents.items() if above == parent]:
            below[child] = names.get(child, "")
            ranks.append(child)
    return below


def ray_workers(pid: int) -> list[int]:
    """Return the processes below one in which trials are run."""
    return [number for number, name in descendants(pid).items() if name.startswith("ray::_Worker")]


def wait_for_trials(process: subprocess.Popen[str], directory: Path, study: str, n_ended: int) -> None:
    """Wait until so many trials of a running study have ended.

    Raises
    ------
    AssertionError
        When the process ends before.
    """
    while True:
        assert process.poll() is None, process.communicate()
        try:
            trials = trials_of(directory, study)
        except StorageError:  # the study has not been made yet
            trials = []
        if sum(trial["state"].is_finished() for trial in trials) >= n_ended:
            return
        time.sleep(0.02)
