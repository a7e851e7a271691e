"""What each step from a laptop to a cluster costs: one study, run in each way, by wall clock.

    python -m benchmarks.cluster_steps [--trials 100] [--rounds 3] [--ways WAY ...] [--json FILE]

Whole commands on the digits, in ways that take turns, each with a PostgreSQL server: in one process; with a
cluster of the command's own; on a running cluster of two CPUs on this machine; as a job of that cluster,
followed to its end. Figures are medians over the rounds (seconds). The last way needs proctor[submit].
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from benchmarks.machine import processor
from tests.postgresql import running_server
from tests.ray_cluster import ClusterApart, cluster_apart

COMMAND = (sys.executable, "-P", "-c", "from service.cli import main; main()")
ROOT = Path(__file__).parents[1]
STUDY = """
trials = {n_trials}
no_baselines = true
[data]
table = "digits"
[confirmation]
finalists = 0
"""
MOMENTS = ("first trial", "command ended")
PLACES = {"one process": ("--workers", "0"), "all cores": ("--workers", "2")}
RUNNING, JOB = "running cluster", "job"
WAYS = (*PLACES, RUNNING, JOB)


def words_of(way: str, cluster: ClusterApart) -> tuple[str, ...]:
    """Return the words of the command that runs the study in a way."""
    if way == JOB:
        return ("submit", "study.toml", "--follow", "--address", cluster.job_server)
    place = ("--address", cluster.address) if way == RUNNING else PLACES[way]
    return ("run", "study.toml", "--no-report", *place)


def run(words: tuple[str, ...], n_trials: int, storage: str) -> dict[str, float]:
    """Run a command, and return when what happened in it (seconds).

    Raises
    ------
    RuntimeError
        The command failed.
    """
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "study.toml").write_text(STUDY.format(n_trials=n_trials))
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 (words of our own)
            [*COMMAND, *words, "--storage", storage],
            cwd=directory,
            env=os.environ | {"PYTHONPATH": f"{ROOT}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for line in process.stdout or ():
            if line.startswith("trial "):
                found.setdefault("first trial", time.perf_counter() - began)
        if process.wait() != 0:
            raise RuntimeError(f"`{' '.join(words)}` ended with status {process.returncode}")
        return found | {"command ended": time.perf_counter() - began}


def main() -> None:
    """Run the study in each way in turn, and print the medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()

    took: dict[str, dict[str, list[float]]] = {way: defaultdict(list) for way in arguments.ways}
    jobs = ["--jobs"] if JOB in arguments.ways else []
    with running_server() as server, cluster_apart(*jobs) as cluster:
        for _ in range(arguments.rounds):
            for way in arguments.ways:
                found = run(words_of(way, cluster), arguments.trials, server.new_database())
                for moment in MOMENTS:
                    took[way][moment].append(found[moment])
    medians = {way: {moment: median(took[way][moment]) for moment in MOMENTS} for way in arguments.ways}
    print(f"{arguments.trials} trials, medians of {arguments.rounds}, {processor()}")
    print(f"{'':16}" + "".join(f"{moment:>16}" for moment in MOMENTS))
    for way, moments in medians.items():
        print(f"{way:16}" + "".join(f"{moments[moment]:14.1f} s" for moment in MOMENTS))
    if arguments.json:
        arguments.json.write_text(json.dumps(medians))


if __name__ == "__main__":
    main()
