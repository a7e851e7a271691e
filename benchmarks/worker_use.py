"""How busy a study keeps two Ray workers: trials of about 0.3 and of about 3 seconds, pruned as they come.

    python -m benchmarks.worker_use [--trials 60] [--concurrency 6] [--json FILE]

A made table of 30 features and the default space; the size of the train set decides how long a trial takes.
Use is the time in trials over the workers' time, between the fourth end and the fifth last: Ray's start, and
the tail in which nothing is left to run, are in the use of the whole search.
"""

import argparse
import json
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from optuna.trial import FrozenTrial
from sklearn.datasets import make_classification

from benchmarks.epoch_cost import space_of_inputs
from benchmarks.machine import processor
from service.configuration.study_config import ConfirmationConfig, ResolvedData, ResolvedStudy
from service.study.search.coordinator import Coordinator
from service.study.search.progress import StudyProgress
from service.study.storage.database_url import file_url
from service.study.storage.lease import Lease
from service.study.storage.study_format import FORMAT
from service.study.storage.study_store import StudyStore
from workers.metrics.metric import Metric
from workers.pools.ray_settings import apply_ray_settings
from workers.train_dev_data import Task, TrainDevData
from workers.trial_data import TrialData

N_WORKERS = 2
N_DEV = 2_000
N_TRAIN = {"about 0.3 s": 3_500, "about 3 s": 30_000}


@dataclass(frozen=True, slots=True)
class WorkerUse:
    """What one search took.

    Attributes
    ----------
    mean_seconds
        Mean length of a trial (seconds).
    steady_use, whole_use
        Share of the workers' time in trials: between the fourth end and the fifth last, and from the first
        dispatch to the last end.
    coordinator_milliseconds
        Processor time of the coordinator's process for a trial, the sampler's own included.
    """

    mean_seconds: float
    steady_use: float
    whole_use: float
    coordinator_milliseconds: float


def made_data(n_train: int) -> TrialData:
    """Make a classification of 30 features, 20 of them of use."""
    X, y = make_classification(n_train + N_DEV, 30, n_informative=20, random_state=0)
    X = X.astype(np.float32)
    data = TrainDevData(Task.CLASSIFICATION, X[:n_train], y[:n_train], X[n_train:], y[n_train:], 2)
    return TrialData.single(data)


def measure(n_train: int, *, n_trials: int, concurrency: int) -> WorkerUse:
    """Run a search, and add up what the workers did."""
    apply_ray_settings(address=None)
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    config = ResolvedStudy(
        name="use",
        data=ResolvedData(table="made", task=Task.CLASSIFICATION),
        trials=n_trials,
        concurrency=concurrency,
        space=space_of_inputs("default"),
        metric=Metric.ERROR,
        watch=Metric.ERROR,
        confirmation=ConfirmationConfig(finalists=0),
    )
    data = made_data(n_train)
    with (
        tempfile.TemporaryDirectory() as directory,
        closing(StudyStore(file_url(Path(directory) / "use.db"), create=True)) as store,
        closing(RayPool(data, n_workers=N_WORKERS)) as pool,
    ):
        store.create("use", {"format": FORMAT, "config": config.model_dump(mode="json")})
        with Lease.take(store.engine, "use") as lease:
            watcher = StudyProgress(n_trials, metric=Metric.ERROR)
            coordinator = Coordinator(config, data, store=store, pool=pool, observer=watcher, lease=lease)
            began, before = time.time(), time.process_time()
            coordinator.run(lambda: False)
            seconds = time.process_time() - before
            return _use(store.trials("use"), began=began, processor_seconds=seconds)


def _use(trials: list[FrozenTrial], *, began: float, processor_seconds: float) -> WorkerUse:
    spans = sorted(_span(trial) for trial in trials)
    ends = sorted(end for _, end in spans)
    first, last = ends[3], ends[-5]
    steady = sum(max(0.0, min(end, last) - max(start, first)) for start, end in spans)
    whole = sum(end - start for start, end in spans)
    return WorkerUse(
        mean_seconds=whole / len(trials),
        steady_use=steady / N_WORKERS / (last - first),
        whole_use=whole / N_WORKERS / (ends[-1] - began),
        coordinator_milliseconds=1000 * processor_seconds / len(trials),
    )


def _span(trial: FrozenTrial) -> tuple[float, float]:
    """Return when a trial ran: it was asked before it began, so its length is counted back from its end."""
    if trial.datetime_complete is None:
        raise ValueError(f"trial {trial.number} has not ended")
    end = trial.datetime_complete.timestamp()
    return end - trial.user_attrs["seconds"], end


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="How busy a study keeps two Ray workers.")
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--concurrency", type=int, default=6)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    measured = {
        name: measure(n_train, n_trials=options.trials, concurrency=options.concurrency)
        for name, n_train in N_TRAIN.items()
    }
    print(f"{processor()}, {N_WORKERS} workers, {options.trials} trials, concurrency {options.concurrency}")
    print(f"{'trials of':12} {'mean':>8} {'use':>8} {'whole':>8}   coordinator a trial")
    for name, use in measured.items():
        print(
            f"{name:12} {use.mean_seconds:6.2f} s {use.steady_use:8.1%} {use.whole_use:8.1%}"
            f"   {use.coordinator_milliseconds:.1f} ms"
        )
    if options.json:
        options.json.write_text(json.dumps({name: asdict(use) for name, use in measured.items()}, indent=2))


if __name__ == "__main__":
    main()
