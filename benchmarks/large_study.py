"""What a study of very many trials takes: the coordinator's memory, its resume, the report, and the database.

    python -m benchmarks.large_study [--trials 100000] [--json FILE]

Trials of 6 hyperparameters and 30 epochs, made up by the pool, in a SQLite file: `benchmarks.coordinator`'s.
All but the last few are the random sampler's, as TPE's arithmetic for so many would take days. Each part is
a process of its own, whose peak is the most that was resident, libraries included.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import optuna

from benchmarks.coordinator import GrowingStudy
from benchmarks.machine import processor
from benchmarks.trial_memory import peak
from service.configuration.launch_config import LaunchConfig
from service.report.facts.study_report import build_report
from service.study.storage.database import open_storage
from service.study.storage.database_url import file_url
from service.study.storage.stored_study import load_study

N_BY_TPE = 5


@dataclass(frozen=True, slots=True)
class Taken:
    """What a part took: seconds, and the most that was resident (bytes)."""

    seconds: float
    memory: int


def search(url: str, directory: Path, n_trials: int) -> None:
    """Run so many trials from the study's beginning."""
    GrowingStudy(url, directory).grow(n_trials, "random")


def resume(url: str, directory: Path, n_trials: int) -> None:
    """Go on with the study, for some trials of TPE's."""
    GrowingStudy(url, directory).grow(n_trials + N_BY_TPE, "tpe")


def report(url: str, _directory: Path, _n_trials: int) -> None:
    """Make the study's report."""
    store = open_storage(LaunchConfig(storage=url), create=False)
    build_report(load_study(store, "study"), store)
    store.close()


PARTS = {"search": search, "resume": resume, "report": report}


def measure_here(part: str, url: str, directory: Path, n_trials: int) -> Taken:
    """Do one part in this process."""
    began = time.perf_counter()
    PARTS[part](url, directory, n_trials)
    return Taken(time.perf_counter() - began, peak())


def measure_apart(part: str, directory: Path, n_trials: int) -> Taken:
    """Do one part in a fresh process."""
    words = ("--part", part, "--directory", str(directory), "--trials", f"{n_trials}")
    command = [sys.executable, "-m", "benchmarks.large_study", *words]
    run = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - own words
    return Taken(**json.loads(run.stdout))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="What a study of very many trials takes.")
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--directory", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if options.part:
        url = file_url(options.directory / "study.db")
        print(json.dumps(asdict(measure_here(options.part, url, options.directory, options.trials))))
        return
    print(f"{processor()}; {options.trials:,} trials")
    taken = {}
    with tempfile.TemporaryDirectory() as made:
        for part in PARTS:
            taken[part] = measure_apart(part, Path(made), options.trials)
            print(f"{part:10}{taken[part].seconds:10.1f} s{taken[part].memory / 1e6:10.0f} MB", flush=True)
        size = (Path(made) / "study.db").stat().st_size
    print(f"the file: {size / 1e6:.0f} MB, {size / options.trials / 1000:.1f} kB a trial")
    if options.json:
        parts = {part: asdict(each) for part, each in taken.items()}
        options.json.write_text(
            json.dumps({"trials": options.trials, "file": size, "parts": parts}, indent=2)
        )


if __name__ == "__main__":
    main()
