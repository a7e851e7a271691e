"""What it costs to keep a trial: Proctor's two transactions beside Optuna's ordinary storage, in one run.

    .venv/bin/python benchmarks/storage.py [--trials 100] [--rounds 5] [--json FILE]

A trial has 6 hyperparameters and 30 epochs. Both write to a SQLite file with the write-ahead log, turn by
turn; the figures are medians over the rounds.
"""

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import optuna
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from service.storage.study_store import AskedTrial, StudyStore, TrialResult

N_HYPERPARAMETERS = 6
N_EPOCHS = 30
DISTRIBUTIONS = {f"x{index}": FloatDistribution(0.0, 1.0) for index in range(N_HYPERPARAMETERS)}
METRICS = [1.0 / epoch for epoch in range(1, N_EPOCHS + 1)]
COLUMNS = ("train_loss", "train_cost", "dev_loss", "dev_metric", "dev_watched", "gradient_norm")
SPREADS = dict.fromkeys(("activation_spreads", "gradient_spreads"), [[0.5, 0.25]] * N_EPOCHS)
CURVE = dict.fromkeys(COLUMNS, METRICS) | SPREADS


def by_proctor(directory: Path, n_trials: int) -> None:
    """Keep the trials as the coordinator does: a transaction when one is asked, one when it has ended."""
    store = StudyStore(f"sqlite:///{directory / 'proctor.db'}", create=True)
    store.create("study", {})
    values = dict.fromkeys(DISTRIBUTIONS, 0.5)
    for number in range(n_trials):
        store.record("study", ended=[], asked=[AskedTrial(number, values, DISTRIBUTIONS, {"seed": number})])
        attributes = {"learning_curve": CURVE, "best_epoch": N_EPOCHS}
        result = TrialResult(number, TrialState.COMPLETE, METRICS[-1], METRICS, attributes)
        store.record("study", ended=[result], asked=[])
    store.close()


def by_optuna(directory: Path, n_trials: int) -> None:
    """Keep the trials as Optuna's own loop does: suggest, report each epoch, tell."""
    url = f"sqlite:///{directory / 'optuna.db'}"
    StudyStore(url, create=True).close()  # the same write-ahead log
    storage = optuna.storages.RDBStorage(url)
    study = optuna.create_study(storage=storage, sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(n_trials):
        trial = study.ask(DISTRIBUTIONS)
        for epoch, metric in enumerate(METRICS, start=1):
            trial.report(metric, epoch)
        trial.set_user_attr("learning_curve", CURVE)
        study.tell(trial, METRICS[-1])
    storage.remove_session()
    storage.engine.dispose()


def milliseconds_a_trial(keep: Callable[[Path, int], None], n_trials: int) -> float:
    """Return how long it takes to keep a trial, in a database of its own."""
    with tempfile.TemporaryDirectory() as directory:
        began = time.perf_counter()
        keep(Path(directory), n_trials)
        return (time.perf_counter() - began) / n_trials * 1000


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="What it costs to keep a trial.")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    measured: dict[str, list[float]] = {"proctor": [], "optuna": []}
    for _ in range(options.rounds):
        measured["proctor"].append(milliseconds_a_trial(by_proctor, options.trials))
        measured["optuna"].append(milliseconds_a_trial(by_optuna, options.trials))
    medians = {name: median(times) for name, times in measured.items()}
    print(f"{platform.machine()}, Python {platform.python_version()}, Optuna {optuna.__version__}")
    for name, time_a_trial in medians.items():
        print(f"{name:>8}: {time_a_trial:6.2f} ms a trial")
    print(f"   ratio: {medians['optuna'] / medians['proctor']:6.1f}")
    if options.json:
        options.json.write_text(json.dumps({"milliseconds_a_trial": measured, "medians": medians}, indent=2))


if __name__ == "__main__":
    main()
