"""What it costs to keep trials and to read them: Proctor's own statements beside Optuna's ordinary storage.

    .venv/bin/python benchmarks/storage.py [--storage URL] [--trials 100] [--rounds 5] [--json FILE]

A trial has 6 hyperparameters, 30 epochs, and the curves of a network with two hidden layers. Each is kept as
the coordinator keeps it, under a lease: a transaction when it is asked, one when it has ended. Without a URL
the database is a new SQLite file with the write-ahead log. Optuna's own loop keeps a tenth as many trials in
the same database, turn by turn with Proctor's. Figures are medians over the rounds; those of the processor
leave out the waits for the disk, and what a server takes.
"""

import argparse
import json
import platform
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import TrialState

from service.study.storage.database_url import file_url
from service.study.storage.kept_trials import AskedTrial, TrialAttributes, TrialResult
from service.study.storage.lease import Lease
from service.study.storage.study_store import StudyStore

N_EPOCHS = 30
DISTRIBUTIONS: dict[str, BaseDistribution] = {f"x{index}": FloatDistribution(0.0, 1.0) for index in range(6)}
EXACT = ("train_loss", "train_cost", "dev_loss", "dev_metric", "dev_watched")
ROUGH = {"gradient_norm": 1, "activation_spreads": 2, "gradient_spreads": 3}
DEV_METRICS = ("error", "log_loss", "balanced_error", "macro_f1", "roc_auc", "calibration_error")

_draw = random.Random(0)  # noqa: S311 (nothing here is secret)


def asked_trial(number: int) -> AskedTrial:
    """Return a trial as it is asked."""
    values = {name: _draw.random() for name in DISTRIBUTIONS}
    return AskedTrial(number, values, DISTRIBUTIONS, {"seed": number, "virtual_start": _draw.random()})


def trial_result(number: int) -> TrialResult:
    """Return a trial's result, in which no number is a round one."""
    curve: dict[str, list[Any]] = {name: [_draw.random() for _ in range(N_EPOCHS)] for name in EXACT}
    for name, n_layers in ROUGH.items():
        rough = [[float(f"{_draw.random():.4g}") for _ in range(n_layers)] for _ in range(N_EPOCHS)]
        curve[name] = rough if n_layers > 1 else [one for (one,) in rough]
    attributes = TrialAttributes(
        learning_curve=curve,
        best_epoch=N_EPOCHS,
        dev_metrics={name: _draw.random() for name in DEV_METRICS},
        model_figures={"zero_share": 0.125},
        epochs=N_EPOCHS,
        seconds=1.2345,
        worker="0123456789abcdef-0",
        runs=1,
        virtual_end=_draw.random(),
    )
    metrics = curve["dev_watched"]
    return TrialResult(number, TrialState.COMPLETE, metrics[-1], metrics, attributes)


Kept = Sequence[tuple[AskedTrial, TrialResult]]


def keep(store: StudyStore, name: str, trials: Kept) -> None:
    """Keep trials as the coordinator does."""
    with Lease.take(store.engine, name) as lease:
        for asked, ended in trials:
            store.record(name, ended=[], asked=[asked], lease=lease)
            store.record(name, ended=[ended], asked=[], lease=lease)


def keep_by_optuna(store: StudyStore, name: str, trials: Kept) -> None:
    """Keep trials as Optuna's own loop does: suggest, report each epoch, tell."""
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.load_study(study_name=name, storage=store.optuna_storage, sampler=sampler)
    for _, ended in trials:
        trial = study.ask(DISTRIBUTIONS)
        for epoch, metric in enumerate(ended.intermediate_values, start=1):
            trial.report(metric, epoch)
        trial.set_user_attr("learning_curve", ended.attributes["learning_curve"])
        study.tell(trial, ended.value)


def read_by_optuna(store: StudyStore, name: str) -> object:
    """Read a study's trials as Optuna does."""
    return optuna.load_study(study_name=name, storage=store.optuna_storage).get_trials(deepcopy=False)


def milliseconds(work: Callable[[], object], n_trials: int) -> dict[str, float]:
    """Return how long some work takes a trial: by the clock, and of this process's processor time."""
    began, processor_began = time.perf_counter(), time.process_time()
    work()
    return {
        "clock": (time.perf_counter() - began) / n_trials * 1000,
        "processor": (time.process_time() - processor_began) / n_trials * 1000,
    }


def measure(store: StudyStore, n_trials: int, n_rounds: int) -> dict[str, dict[str, float]]:
    """Return the medians of what is measured (milliseconds a trial)."""
    trials = [(asked_trial(number), trial_result(number)) for number in range(n_trials)]
    few = trials[: max(n_trials // 10, 1)]
    mine, optunas = "benchmark-proctor", "benchmark-optuna"
    measures: dict[str, tuple[int, Callable[[], object]]] = {
        "keep, Proctor": (n_trials, lambda: keep(store, mine, trials)),
        "keep, Optuna": (len(few), lambda: keep_by_optuna(store, optunas, few)),
        "read, Proctor": (n_trials, lambda: store.trials(mine)),
        "read without curves": (n_trials, lambda: store.trials(mine, with_curves=False)),
        "read, Optuna": (n_trials, lambda: read_by_optuna(store, mine)),
    }
    rounds: dict[str, list[dict[str, float]]] = {what: [] for what in measures}
    for _ in range(n_rounds):
        for name in (mine, optunas):
            store.create(name, {})
        for what, (n, work) in measures.items():
            rounds[what].append(milliseconds(work, n))
        for name in (mine, optunas):
            optuna.delete_study(study_name=name, storage=store.optuna_storage)
    return {
        what: {kind: median(each[kind] for each in found) for kind in ("clock", "processor")}
        for what, found in rounds.items()
    }


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="What it costs to keep trials and to read them.")
    parser.add_argument("--storage")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory() as directory:
        store = StudyStore(options.storage or file_url(Path(directory) / "proctor.db"), create=True)
        measured = measure(store, options.trials, options.rounds)
        dialect = store.engine.dialect.name
        store.close()
    print(f"{dialect}, {platform.machine()}, Python {platform.python_version()}, Optuna {optuna.__version__}")
    print(f"{'milliseconds a trial':>20}   clock  processor")
    for what, times in measured.items():
        print(f"{what:>20}: {times['clock']:6.2f}     {times['processor']:6.2f}")
    if options.json:
        options.json.write_text(json.dumps({"database": dialect, "milliseconds_a_trial": measured}, indent=2))


if __name__ == "__main__":
    main()
