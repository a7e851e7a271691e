"""The same tuning task by Proctor and its peers, on the same two cores: how long, how far, at what cost.

    python -m benchmarks.search [--tasks digits made] [--trials 60] [--epochs 30] [--seeds 3]
                                [--only NAME ...] [--proctor WORDS] [--json FILE]

Same train and dev set, space, number of trials, and most epochs of a trial; two workers of one BLAS thread.
The peers train scikit-learn's network; those that go epoch by epoch stop a trial as Proctor does, after some
epochs without gain. Contestants take turns within each seed, each as a process of its own: *wall* is from
its start to its end, *search* from its first trial's beginning to its last one's end. *Coordination* is the
processor time of the process that coordinates, less what it trains itself; of Proctor it has the reading,
the winner trained again, the baselines and the test set in it, which the others do not do, as has the wall
time. Figures are medians over the seeds.

Ray Tune needs fsspec, pandas, pyarrow and tensorboardX beside Ray; where one is missing it is left out.
"""

import argparse
import json
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from sklearn.datasets import make_classification

from benchmarks.machine import processor, versions
from benchmarks.search_peers import proctor_study
from benchmarks.search_peers.task import EndedTrial, Task, read_log
from benchmarks.search_peers.watched_process import Timing, python, run
from service.study.storage.database_url import file_url

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 10
NEEDED_BY_RAY_TUNE = ("fsspec", "pandas", "pyarrow", "tensorboardX")
MARKS = (2, 5, 10, 20, 40, 80)
"""Seconds from a process's start at which its best dev error so far is told."""


class Contestant(Enum):
    """Who takes part: the module that runs it, and whether the process that coordinates trains as well."""

    PROCTOR = ("Proctor", "", False)
    OPTUNA_PROCESSES = ("Optuna, 2 processes", "benchmarks.search_peers.optuna_processes", True)
    OPTUNA_THREADS = ("Optuna, n_jobs=2", "benchmarks.search_peers.optuna_threads", True)
    RAY_TUNE = ("Ray Tune", "benchmarks.search_peers.ray_tune", False)
    RANDOM_SEARCH = ("RandomizedSearchCV", "benchmarks.search_peers.random_search", False)

    def __init__(self, label: str, module: str, trains_itself: bool) -> None:  # noqa: FBT001 (an enum's row)
        self.label = label
        self.module = module
        self.trains_itself = trains_itself

    @property
    def is_installed(self) -> bool:
        """Whether it can run here."""
        return self is not Contestant.RAY_TUNE or all(map(find_spec, NEEDED_BY_RAY_TUNE))


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run, or medians of several.

    Attributes
    ----------
    wall, search
        Seconds.
    trials_a_minute
        Within the search.
    epochs
        In all trials.
    error
        The best dev error.
    coordination
        Processor time beside the training (seconds).
    error_by_mark
        The best dev error so far at each of `MARKS`; 1 before the first trial's end.
    """

    wall: float
    search: float
    trials_a_minute: float
    epochs: float
    error: float
    coordination: float
    error_by_mark: tuple[float, ...]


def figures(contestant: Contestant, timing: Timing, trials: Sequence[EndedTrial]) -> Figures:
    """Sum a run up."""
    search = max(trial.ended for trial in trials) - min(trial.began for trial in trials)
    training = sum(trial.training_seconds for trial in trials)
    return Figures(
        wall=timing.wall,
        search=search,
        trials_a_minute=60 * len(trials) / search,
        epochs=sum(trial.epochs for trial in trials),
        error=min(trial.error for trial in trials),
        coordination=timing.tree_processor - training if contestant.trains_itself else timing.own_processor,
        error_by_mark=tuple(
            min((trial.error for trial in trials if trial.ended <= timing.began + mark), default=1.0)
            for mark in MARKS
        ),
    )


def medians(runs: Sequence[Figures]) -> Figures:
    """Return the median of each figure."""
    columns = {name: [getattr(run, name) for run in runs] for name in Figures.__slots__}
    marks = tuple(median(at) for at in zip(*columns.pop("error_by_mark"), strict=True))
    return Figures(**{name: median(values) for name, values in columns.items()}, error_by_mark=marks)


def contest(contestant: Contestant, study_file: Path, task: Task, extra: Sequence[str]) -> Figures:
    """Let one contestant run the task once."""
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        variables = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        if contestant is Contestant.PROCTOR:
            url = file_url(directory / "proctor.db")
            proctor = Path(sys.executable).parent / "proctor"
            words: list[str | Path] = [proctor, "run", study_file, "--workers", "2"]
            timing = run([*words, "--storage", url, "--quiet", *extra], cwd=directory, variables=variables)
            return figures(contestant, timing, proctor_study.ended_trials(url))
        log = directory / "log.jsonl"
        own = Task(**{**asdict(task), "log": log})
        timing = run(python(contestant.module, *own.words), cwd=directory, variables=variables)
        return figures(contestant, timing, read_log(log))


def make_table(path: Path) -> Path:
    """Write the larger table: 20,000 examples, 30 features of which 12 tell, 4 classes."""
    X, y = make_classification(
        20_000, 30, n_informative=12, n_redundant=6, n_classes=4, n_clusters_per_class=3, random_state=7
    )
    rows = "\n".join(
        ",".join(f"{cell:.5f}" for cell in row) + f",class {label}" for row, label in zip(X, y, strict=True)
    )
    path.write_text(",".join(f"x{index}" for index in range(X.shape[1])) + f",label\n{rows}\n")
    return path


def show(task_name: str, found: dict[Contestant, Figures]) -> None:
    """Print a task's two tables."""
    heads = ("wall, s", "search, s", "trials/min", "epochs", "dev error", "coordination, s")
    print(f"\n{task_name:<22}" + "".join(f"{head:>16}" for head in heads))
    for contestant, figure in found.items():
        line = f"{contestant.label:<22}{figure.wall:>16.1f}{figure.search:>16.2f}"
        line += f"{figure.trials_a_minute:>16.0f}{figure.epochs:>16.0f}{figure.error:>16.4f}"
        print(f"{line}{figure.coordination:>16.2f}")
    print(f"{'dev error after':<22}" + "".join(f"{mark:>14} s" for mark in MARKS))
    for contestant, figure in found.items():
        errors = (f"{error:>16.4f}" if error < 1 else f"{'-':>16}" for error in figure.error_by_mark)
        print(f"{contestant.label:<22}" + "".join(errors), flush=True)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description="The same tuning task by Proctor and its peers.")
    parser.add_argument("--tasks", nargs="+", choices=["digits", "made"], default=["digits", "made"])
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=[c.name.lower() for c in Contestant])
    parser.add_argument("--proctor", default="", help="further words for `proctor run`")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chosen = [
        contestant
        for contestant in Contestant
        if contestant.is_installed and (not options.only or contestant.name.lower() in options.only)
    ]
    print(f"{processor()}; {options.trials} trials of at most {options.epochs} epochs, {options.seeds} seeds")
    written: dict[str, dict[str, list[dict[str, object]]]] = {}
    for name in options.tasks:
        runs: dict[Contestant, list[Figures]] = {contestant: [] for contestant in chosen}
        with tempfile.TemporaryDirectory() as made:
            directory = Path(made)
            table = "digits" if name == "digits" else str(make_table(directory / "made.csv"))
            for seed in range(options.seeds):
                task = Task(directory / "data.npz", directory, options.trials, options.epochs, PATIENCE, seed)
                target = None if name == "digits" else "label"
                study_file = proctor_study.write_study_file(directory / "study.toml", table, target, task)
                proctor_study.write_data(study_file, task.data)
                for contestant in chosen:
                    figure = contest(contestant, study_file, task, shlex.split(options.proctor))
                    runs[contestant].append(figure)
        show(name, {contestant: medians(of) for contestant, of in runs.items()})
        written[name] = {c.label: [asdict(figure) for figure in of] for c, of in runs.items()}
    if options.json:
        used = versions("numpy", "optuna", "ray", "scikit-learn")
        options.json.write_text(json.dumps({"versions": used, "tasks": written}, indent=2))


if __name__ == "__main__":
    main()
