"""How far the virtual clock's cost formula is from real epochs, and which constants would fit them best.

    .venv/bin/python -m benchmarks.epoch_cost [--points 40] [--seed 0] [--fit] [--json FILE | --from FILE]

Random points of the default space, and points of it with further options turned on at random, are trained
for some epochs on four data sets; the quickest epoch counts, on the processor, in one BLAS thread. Errors are
those that are left when one factor, common to a data set's points, is taken off: a study has one data set,
and only ratios order its events. `--fit` prints the constants with the least relative error over all points.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import optuna
from scipy.optimize import nnls
from threadpoolctl import threadpool_limits

from benchmarks.trial_costs import digits_data
from search_spaces.dimensions import ConstantDimension
from search_spaces.network.point import NetworkPoint
from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset
from service.study.search.suggestions import distribution
from service.study.search.virtual_clock import epoch_cost
from workers.failures import TrainingFailedError
from workers.messages import TrainingRules
from workers.metrics.metric import Metric
from workers.network.epoch_cost import amounts_of_work
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training
from workers.trial_data import TrialData

OPTIONS: tuple[dict[str, Any], ...] = (
    {"activation": "sigmoid"},
    {"activation": "leaky_relu"},
    {"activation": "gelu"},
    {"activation": "selu"},
    {"activation": "mish"},
    {"batch_normalization": "on"},
    {"feature_scale": "on"},
    {"activation_mix": "on"},
    {"numeric_embedding": "periodic"},
    {"keep_prob": 0.8},
    {"input_keep_prob": 0.9},
    {"optimizer": "sgd"},
    {"optimizer": "momentum"},
    {"optimizer": "nesterov"},
    {"optimizer": "rmsprop"},
    {"optimizer": "adamw", "weight_decay": 1e-3},
    {"l1_lambda": 0.1},
    {"l1_lambda": 0.1, "l1_step": "subgradient"},
    {"l2_lambda": 0.0},
    {"clip_norm": 1.0},
    {"max_norm": 3.0},
    {"noise_deviation": 0.1},
    {"mixup_alpha": 0.2},
)
IMAGE_OPTIONS: tuple[dict[str, Any], ...] = (
    {"shift_fraction": 0.1},
    {"rotation_degrees": 10.0, "zoom_fraction": 0.1},
)
OPTION_SHARE = 0.12
N_EPOCHS = 4
QUANTILES = (0.5, 0.9, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Timed:
    """A point's quickest epoch on some data (seconds)."""

    data: str
    space: str
    seconds: float
    point: NetworkPoint


def data_sets() -> dict[str, TrainDevData]:
    """Return digits, a table, the same encoded in more inputs, and a table of many rows."""
    return {
        "digits": replace(digits_data(), image_shape=(8, 8, 1)),
        "table": made_table(10_000, 30, n_outputs=3),
        "wide": made_table(3_000, 400, n_outputs=1),
        "long": made_table(60_000, 30, n_outputs=2),
    }


def made_table(n_train: int, n_features: int, *, n_outputs: int) -> TrainDevData:
    """Return features of noise with something to learn in them; one output is a number."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_train + n_train // 4, n_features), np.float32)
    numbers = (X[:, :1] + X[:, 1:2] * X[:, 2:3]).astype(np.float32)
    if n_outputs == 1:
        y, task = numbers / numbers.std(), Task.REGRESSION
        return TrainDevData(task, X[:n_train], y[:n_train], X[n_train:], y[n_train:], 1)
    classes = np.digitize(numbers[:, 0], np.linspace(-1, 1, n_outputs - 1)).astype(np.int64)
    task = Task.CLASSIFICATION
    return TrainDevData(task, X[:n_train], classes[:n_train], X[n_train:], classes[n_train:], n_outputs)


def space_of_inputs(name: str) -> NetworkSpace:
    """Return a space less what decides how dates are read: the data are inputs already."""
    space = load_preset(NetworkSpace, name)
    return space.without(space.fields.only_dates_have)


def points(n_points: int, data: TrainDevData, *, seed: int) -> Iterator[tuple[str, NetworkPoint]]:
    """Give random points of the default space, every second one with options turned on at random."""
    space = space_of_inputs("default")
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    rng = np.random.default_rng(seed)
    searched = {name: dim for name, dim in space.dimensions.items() if not isinstance(dim, ConstantDimension)}
    for number in range(n_points):
        trial = study.ask({name: distribution(dimension) for name, dimension in searched.items()})
        point = space.point(trial.params)
        if data.task is Task.REGRESSION:
            point = point.model_copy(update={"class_balance": 0.0})
        point = point.model_copy(update={"learning_rate": 1e-3})  # none diverges: it costs nothing
        if number % 2 == 0:
            yield "default", point
            continue
        changes: dict[str, Any] = {}
        for option in (*OPTIONS, *(IMAGE_OPTIONS if data.image_shape else ())):
            if rng.random() < OPTION_SHARE:
                changes |= option
        yield "options", NetworkPoint.model_validate(point.model_dump() | changes)


def quickest_epoch(data: TrainDevData, point: NetworkPoint) -> float | None:
    """Return the least time of an epoch after the first (seconds); None where training breaks off."""
    rules = TrainingRules(N_EPOCHS, N_EPOCHS, Metric.ERROR, Metric.LOG_LOSS)
    if data.task is Task.REGRESSION:
        rules = TrainingRules(N_EPOCHS, N_EPOCHS, Metric.RMSE, Metric.RMSE)
    training = Training(data, point, seed=0, rules=rules)
    times = []
    try:
        for _ in range(N_EPOCHS):
            began = time.process_time()
            training.run_epoch()
            times.append(time.process_time() - began)
            if sum(times) > 3 and len(times) > 1:
                break
    except TrainingFailedError:
        return None
    return min(times[1:])


def measure(n_points: int, *, seed: int) -> list[Timed]:
    """Time points on each data set, half as many on the large ones."""
    timed = []
    for name, data in data_sets().items():
        n = n_points if name != "long" else n_points // 2
        for space, point in points(n, data, seed=seed + len(name)):
            seconds = quickest_epoch(data, point)
            if seconds is not None:
                timed.append(Timed(name, space, seconds, point))
    return timed


def print_errors(timed: list[Timed], costs: list[float]) -> None:
    """Print quantiles of the costs' relative errors, a line a data set and space."""
    factors: dict[str, float] = {}
    for data in {one.data for one in timed}:
        pairs = zip(timed, costs, strict=True)
        factors[data] = median(one.seconds / cost for one, cost in pairs if one.data == data)
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one, cost in zip(timed, costs, strict=True):
        error = abs(cost * factors[one.data] / one.seconds - 1)
        groups[one.space, one.data].append(error)
        groups[one.space, "all"].append(error)
    print("space    data    points   error of half, nine in ten, 95 % and all   seconds / cost")
    for (space, data), errors in sorted(groups.items()):
        shares = "  ".join(f"{share:6.1%}" for share in np.quantile(errors, QUANTILES))
        factor = f"{factors[data]:.2f}" if data in factors else ""
        print(f"{space:8} {data:8} {len(errors):5}   {shares}   {factor}")


def fitted(timed: list[Timed], amounts: list[dict[str, float]]) -> dict[str, float]:
    """Return, by kind of work, the nanoseconds with the least sum of squared relative errors."""
    kinds, pairs = list(amounts[0]), zip(timed, amounts, strict=True)
    A = np.array([[done[kind] / (1e9 * one.seconds) for kind in kinds] for one, done in pairs])
    scales = np.maximum(A.max(axis=0), np.finfo(float).tiny)
    constants, _ = nnls(A / scales, np.ones(len(timed)))
    return dict(zip(kinds, constants / scales, strict=True))


def trial_data(point: NetworkPoint, data: TrainDevData) -> TrialData:
    """Return a study's data, whatever inputs the point chooses."""
    return TrialData({point.input_choices: (data,)})


def read(path: Path) -> list[Timed]:
    """Read what an earlier run wrote."""
    return [
        Timed(data, space, seconds, NetworkPoint.model_validate(point))
        for data, space, seconds, point in json.loads(path.read_text())
    ]


def main() -> None:
    """Measure or read, and print."""
    parser = argparse.ArgumentParser(description="How far the cost formula is from real epochs.")
    parser.add_argument("--points", type=int, default=40, help="points a data set")
    parser.add_argument("--seed", type=int, default=0, help="of the points")
    parser.add_argument("--fit", action="store_true", help="print the constants that fit best")
    parser.add_argument("--json", type=Path, help="write what was measured")
    parser.add_argument("--from", dest="source", type=Path, help="read what an earlier run wrote")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if options.source:
        timed = read(options.source)
    else:
        with threadpool_limits(1):
            timed = measure(options.points, seed=options.seed)
    data = data_sets()
    print_errors(timed, [epoch_cost(one.point, trial_data(one.point, data[one.data])) for one in timed])
    if options.fit:
        amounts = [amounts_of_work(one.point, data[one.data]) for one in timed]
        constants = fitted(timed, amounts)
        print("\nfitted (nanoseconds):")
        for kind, nanoseconds in constants.items():
            print(f'    "{kind}": {nanoseconds:.3g},')
        print_errors(timed, [sum(constants[kind] * n for kind, n in done.items()) for done in amounts])
    if options.json:
        rows = [(one.data, one.space, one.seconds, one.point.model_dump(mode="json")) for one in timed]
        options.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
