"""What memory a trial takes beside its data, measured in a process of its own.

    python -m benchmarks.trial_memory large|net

It prints one line of JSON. The data lie in a file mapped into memory, as they do in Ray's object store. All
of it has been read, and a small trial been run, before the trial begins: what comes on top is its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.trial_costs import N_LARGE, digits_data, normal_data, rules
from search_spaces.network.point import NetworkPoint
from workers.train_dev_data import TrainDevData
from workers.trial.training import Training

STATUS = Path("/proc/self/status")
TRIALS = {
    "large": NetworkPoint(depth=2, width=64),
    "net": NetworkPoint(depth=3, width=512),
}


@dataclass(frozen=True, slots=True)
class TrialMemory:
    """Bytes.

    Attributes
    ----------
    data
        The train set's features.
    trial
        The most that was resident while it trained, over what was before.
    parameters
        One array of the network's parameters.
    """

    data: int
    trial: int
    parameters: int


def measure_apart(name: str) -> TrialMemory:
    """Measure in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.trial_memory", name]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - own words
    return TrialMemory(**json.loads(printed))


def measure_here(name: str) -> TrialMemory:
    """Measure in this process, where nothing else is measured."""
    point = TRIALS[name]
    with threadpool_limits(1), tempfile.TemporaryDirectory() as directory:
        data = normal_data(N_LARGE) if name == "large" else digits_data()
        data = _mapped(data, Path(directory) / "X_train.npy")
        warm_up = replace(data, X_train=data.X_train[:256], y_train=data.y_train[:256])
        Training(warm_up, point.model_copy(update={"width": 8}), seed=0, rules=rules(1)).run_epoch()
        float(data.X_train.sum())
        before = _start_watching()
        training = Training(data, point, seed=0, rules=rules(2))
        training.run_epoch()
        training.run_epoch()
        trial = peak() - before
        return TrialMemory(data.X_train.nbytes, trial, training.best_state["parameters"].nbytes)


def _mapped(data: TrainDevData, path: Path) -> TrainDevData:
    np.save(path, data.X_train)
    X_train = np.load(path, mmap_mode="r")
    return replace(data, X_train=X_train, X_dev=data.X_dev.copy())  # nothing holds the first array any more


def _start_watching() -> int:
    """Return what is resident (bytes), and forget higher peaks of before where the system can."""
    if not STATUS.exists():
        return peak()
    Path("/proc/self/clear_refs").write_text("5")  # Linux: sets the peak to what is resident now
    return _status("VmRSS")


def peak() -> int:
    """Return the most of this process that was resident (bytes)."""
    if STATUS.exists():  # a process begins with its parent's `ru_maxrss`, but with a `VmHWM` of its own
        return _status("VmHWM")
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return usage if sys.platform == "darwin" else usage * 1024


def _status(name: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="What memory a trial takes beside its data.")
    parser.add_argument("trial", choices=TRIALS)
    memory = measure_here(parser.parse_args().trial)
    print(json.dumps({"data": memory.data, "trial": memory.trial, "parameters": memory.parameters}))


if __name__ == "__main__":
    main()
