"""How far the cost formulas of boosted trees and linear models are from real epochs, and what fits them best.

    .venv/bin/python -m benchmarks.kind_costs boosting|linear [--points 40] [--seed 0] [--fit]
                                              [--json FILE | --from FILE]

Random points of the default space, and some beyond it, are trained on made tables; an epoch's seconds are the
processor's over all epochs, in one thread. Errors are those that are left when one factor, common to a data
set's points, is taken off: a study has one data set, and only ratios order its events. `--fit` prints the
constants that fit best.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from statistics import median

import numpy as np
from scipy.optimize import least_squares, nnls
from threadpoolctl import threadpool_limits

from search_spaces.boosting.point import BoostingLoss, BoostingPoint
from search_spaces.linear.point import LinearPoint
from search_spaces.point import Point
from workers.messages import TrainingRules
from workers.metrics.metric import Metric
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training

SHAPES = {
    "small": (400, 10, 1),
    "three classes": (2_000, 20, 3),
    "two classes": (10_000, 20, 2),
    "numbers": (10_000, 50, 1),
    "ten classes": (3_000, 30, 10),
    "long": (60_000, 15, 1),
    "wide": (2_000, 300, 2),
}
"""Train examples, features and outputs; one output is a number."""

N_ITERATIONS = 48
QUANTILES = (0.5, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Timed:
    """What an epoch of a point took on some data (seconds), and what it had to do."""

    data: str
    seconds: float
    amounts: Mapping[str, float]


def made_table(n_train: int, n_features: int, n_outputs: int) -> TrainDevData:
    """Return features of noise with something to learn in them."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_train + n_train // 4, n_features), np.float32)
    numbers = X[:, 0] + X[:, 1] * X[:, 2] + rng.standard_normal(len(X), np.float32)
    task, y = Task.REGRESSION, (numbers / numbers.std())[:, np.newaxis].astype(np.float32)
    if n_outputs > 1:
        bounds = np.quantile(numbers, np.linspace(0, 1, n_outputs + 1)[1:-1])
        task, y = Task.CLASSIFICATION, np.digitize(numbers, bounds).astype(np.int64)
    return TrainDevData(task, X[:n_train], y[:n_train], X[n_train:], y[n_train:], n_outputs)


def points(kind: str, n_points: int, data: TrainDevData, *, seed: int) -> Iterator[Point]:
    """Give random points of a kind."""
    rng = np.random.default_rng(seed)
    for number in range(n_points):
        if kind == "linear":
            yield LinearPoint(
                strength=float(10 ** rng.uniform(-2, 4)), l1_ratio=float(rng.choice([0, 0.5, 1]))
            )
            continue
        is_ranked = data.task is Task.REGRESSION and number % 5 == 4
        yield BoostingPoint(
            learning_rate=float(10 ** rng.uniform(-2, -0.5)),
            max_leaf_nodes=int(2 ** rng.uniform(2, 8)),
            min_samples_leaf=int(10 ** rng.uniform(0, 2)),
            max_features=float(rng.uniform(0.2, 1)),
            max_depth=int(rng.integers(2, 8)) if number % 4 == 3 else None,
            max_bins=int(rng.choice([31, 255])),
            loss=BoostingLoss.ABSOLUTE_ERROR if is_ranked else BoostingLoss.AUTO,
        )


def seconds_per_epoch(data: TrainDevData, point: Point) -> float:
    """Return the mean time of an epoch (seconds)."""
    n_epochs = N_ITERATIONS if point.kind == "boosting" else 1
    metric = Metric.RMSE if data.task is Task.REGRESSION else Metric.ERROR
    training = Training(data, point, seed=0, rules=TrainingRules(n_epochs, n_epochs, metric, metric))
    began = time.process_time()
    for _ in range(n_epochs):
        training.run_epoch()
    return (time.process_time() - began) / n_epochs


def measured(kind: str, n_points: int, seed: int) -> list[Timed]:
    """Time points on each data set."""
    amounts_of_work = import_module(f"workers.{kind}.epoch_cost").amounts_of_work
    timed: list[Timed] = []
    with threadpool_limits(1):
        for name, shape in SHAPES.items():
            data = made_table(*shape)
            drawn = list(points(kind, n_points, data, seed=seed + len(name)))
            if not timed:
                seconds_per_epoch(data, drawn[0])  # the first imports scikit-learn
            timed += [
                Timed(name, seconds_per_epoch(data, point), amounts_of_work(point, data)) for point in drawn
            ]
    return timed


def read(path: Path) -> list[Timed]:
    """Read what an earlier run wrote."""
    return [Timed(**one) for one in json.loads(path.read_text())]


def fitted(timed: list[Timed]) -> dict[str, float]:
    """Return, by kind of work, the nanoseconds with which costs come nearest to the times.

    Twice as long counts as half as long does, and what is far off less than its square: how many steps a
    solver takes is not foreseen.
    """
    names = list(timed[0].amounts)
    A = np.array([[one.amounts[name] / (1e9 * one.seconds) for name in names] for one in timed])
    A = A[:, A.any(axis=0)]
    scales = A.max(axis=0)
    begun, _ = nnls(A / scales, np.ones(len(timed)))
    result = least_squares(
        lambda logs: np.log(A / scales @ np.exp(logs)),
        np.log(np.maximum(begun, 1e-4)),
        bounds=(np.log(1e-7), np.inf),
        loss="soft_l1",
        f_scale=0.1,
    )
    used = [name for name in names if any(one.amounts[name] for one in timed)]
    return dict(zip(used, np.exp(result.x) / scales, strict=True))


def print_errors(timed: list[Timed], constants: Mapping[str, float]) -> None:
    """Print quantiles of the costs' relative errors, a line a data set."""
    print("data             points   error of half, nine in ten and all   seconds / cost")
    for name in SHAPES:
        own = [one for one in timed if one.data == name]
        costs = [1e-9 * sum(constants[kind] * n for kind, n in one.amounts.items()) for one in own]
        factor = median(one.seconds / cost for one, cost in zip(own, costs, strict=True))
        errors = [abs(factor * cost / one.seconds - 1) for one, cost in zip(own, costs, strict=True)]
        shares = "  ".join(f"{share:7.1%}" for share in np.quantile(errors, QUANTILES))
        print(f"{name:16} {len(own):6}   {shares}   {factor:.2f}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="How far the cost formulas are from real epochs.")
    parser.add_argument("kind", choices=["boosting", "linear"])
    parser.add_argument("--points", type=int, default=40, help="points a data set")
    parser.add_argument("--seed", type=int, default=0, help="of the points")
    parser.add_argument("--fit", action="store_true", help="print the constants that fit best")
    parser.add_argument("--json", type=Path, help="write what was measured")
    parser.add_argument("--from", dest="source", type=Path, help="read what an earlier run wrote")
    options = parser.parse_args()
    timed = read(options.source) if options.source else measured(options.kind, options.points, options.seed)
    print_errors(timed, import_module(f"workers.{options.kind}.epoch_cost").NANOSECONDS)
    if options.fit:
        constants = fitted(timed)
        print("\nfitted (nanoseconds):")
        for kind, nanoseconds in constants.items():
            print(f'    "{kind}": {nanoseconds:.3g},')
        print_errors(timed, constants)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in timed]))


if __name__ == "__main__":
    main()
