"""By what epoch and trial are best chosen: the metric asked for, a smoother figure, or the sum of both.

    .venv/bin/python -m benchmarks.choosing [--tables NAME ...] [--seeds 5] [--trials 12] [--processes 2]
        [--json FILE]

A metric that counts errors has few values on few examples, and much of what it prefers is chance. The log
loss and the Brier score read how sure the model was as well. Each rule chooses, on the dev set, a trial's
epoch (with early stopping) by what it watches; and by another figure, or the same, the three trials that are
confirmed with two more seeds, and of them the one with the best mean. Its first seed is judged on the test
set, by the metric that a study would choose by and by the log loss.

All rules judge the same trainings: random trials of the default space, ten of which are drawn many times.
"""

import argparse
import json
import multiprocessing
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

import numpy as np
import optuna
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.public_tables import study_of, test_examples
from search_spaces.point import Point
from service.configuration.study_config import ResolvedStudy
from service.data.preparation.prepared_data import PreparedData, prepare_data
from service.study.search.seeds import trial_seed
from service.study.search.suggestions import Suggestions
from service.tables.table import Examples
from workers.denormals import denormals_as_zero
from workers.failures import TrainingFailedError
from workers.kinds import model_kind
from workers.metrics.metric import Metric, decision_rule, measure

TABLES = (
    "breast_cancer",
    "digits",
    "OJ",
    "attrition",
    "leaf_id_flavia",
    "hpc_data",
    "cells",
    "mlc_churn",
    "email",
)
MAX_EPOCHS, PATIENCE = 40, 10
SEEDS, CONFIRMED = 3, 3
DRAWN, DRAWS = 10, 60
"""Trials of a search, and how often they are drawn from those that were trained."""

Curves = NDArray[np.float64]
"""A trial's metric, log loss and Brier score on the dev set, then on the test set: (n_seeds, n_epochs, 6)."""


def smoothed(rows: Curves) -> NDArray[np.float64]:
    """Return the metric and the Brier score in one, both between 0 and 2."""
    return rows[..., 0] + rows[..., 2]


FIGURES: Mapping[str, Callable[[Curves], NDArray[np.float64]]] = {
    "metric": lambda rows: rows[..., 0],
    "log loss": lambda rows: rows[..., 1],
    "Brier": lambda rows: rows[..., 2],
    "metric + Brier": smoothed,
}
RULES = (
    ("metric", "metric"),
    ("log loss", "metric"),
    ("Brier", "metric"),
    ("metric + Brier", "metric"),
    ("metric", "metric + Brier"),
    ("metric + Brier", "metric + Brier"),
    ("log loss", "log loss"),
)
"""What is watched, and what chooses trials; the first is what studies do."""


class Judged(NamedTuple):
    """A table with a seed, and what its trials' epochs came to."""

    table: str
    seed: int
    trials: list[Curves]


def trained(table: str, seed: int, n_trials: int) -> Judged:
    """Train random trials of the default space, each with three seeds and without stopping early."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    flags: dict[str, object] = {"sampler": "random", "training.max_epochs": MAX_EPOCHS}
    with threadpool_limits(1), study_of(table, seed=seed, flags=flags) as config:
        prepared = prepare_data(config)
        test = test_examples(config, prepared)
        study = prepared.resolved(config)
        suggestions = Suggestions(study.space, sampler=study.sampler, study_seed=seed)
        trials = []
        for number in range(n_trials):
            values, _ = suggestions.ask()
            seeds = [trial_seed(seed, number + n_trials * again) for again in range(SEEDS)]
            try:
                curves = [list(_epochs(study, prepared, test, study.space.point(values), it)) for it in seeds]
            except TrainingFailedError:
                continue
            trials.append(np.array(curves))
    return Judged(table, seed, trials)


def _epochs(
    study: ResolvedStudy, prepared: PreparedData, test: Examples, point: Point, seed: int
) -> Iterator[list[float]]:
    """Train a model, and yield its figures after each epoch."""
    kind = model_kind(point.kind)
    (data,) = prepared.trial_data.folds(point)
    X_test = prepared.preparations[point.input_choices].lenient_inputs(test.frame).X
    rule = decision_rule(study.metric, data.class_counts)

    def figures(probabilities: NDArray[np.floating], y: NDArray[Any]) -> list[float]:
        distances = probabilities - np.eye(data.n_outputs)[y]
        counted, sure = (
            it.badness(measure(it, probabilities, y, rule=rule, target_deviation=1.0))
            for it in (study.metric, Metric.LOG_LOSS)
        )
        return [counted, sure, float(np.mean(np.sum(distances**2, axis=1)))]

    learner = kind.learner(data, point, seed=seed, rules=study.training_rules)
    on_dev = np.empty((len(data.X_dev), data.n_outputs), np.float32)
    for _ in range(MAX_EPOCHS):
        with denormals_as_zero(), np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            learner.advance()
            learner.predict_dev(on_dev)
            learner.keep()
        on_test = kind.predict(learner.kept_state, point, X_test, task=data.task, n_outputs=data.n_outputs)
        yield figures(on_dev, data.y_dev) + figures(on_test, test.y)


def chosen(trials: list[Curves], watched: str, chooser: str) -> tuple[float, float]:
    """Return the winner's metric and log loss on the test set, means over the draws."""
    rng = np.random.default_rng(1)
    best = np.array([[_at_best_epoch(curve, FIGURES[watched]) for curve in curves] for curves in trials])
    dev, test = best[..., :3], best[..., 3:]
    of_trials = FIGURES[chooser](dev) + 1e-9 * dev[..., 1]  # those that are alike by their loss
    winners = []
    for _ in range(DRAWS):
        drawn = rng.choice(len(trials), min(DRAWN, len(trials)), replace=False)
        confirmed = drawn[np.argsort(of_trials[drawn, 0], kind="stable")[:CONFIRMED]]
        winners.append(test[confirmed[np.argmin(of_trials[confirmed].mean(axis=1))], 0])
    metric, log_loss, _ = np.mean(winners, axis=0)
    return float(metric), float(log_loss)


def _at_best_epoch(rows: Curves, figure: Callable[[Curves], NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the figures of the epoch that early stopping keeps: (6,)."""
    watched = list(zip(figure(rows).tolist(), rows[:, 1].tolist(), strict=True))
    best = 0
    for epoch, badness in enumerate(watched):
        best = epoch if badness < watched[best] else best
        if epoch - best >= PATIENCE:
            break
    kept: NDArray[np.float64] = rows[best]
    return kept


def main() -> None:
    """Train all, and print what each rule changes against the first, in percent."""
    parser = argparse.ArgumentParser(description="By what epoch and trial are best chosen.")
    parser.add_argument("--tables", nargs="+", default=TABLES)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    tasks = [(table, seed) for seed in range(options.seeds) for table in options.tables]
    figures: dict[str, list[dict[str, tuple[float, float]]]] = {table: [] for table in options.tables}
    for found in _all_trained(tasks, options.trials, processes=options.processes):
        figures[found.table].append({f"{by}, {of}": chosen(found.trials, by, of) for by, of in RULES})
        print(f"{found.table}, seed {found.seed} done", file=sys.stderr)
    _print(figures)
    if options.json:
        options.json.write_text(json.dumps(figures))


def _all_trained(tasks: list[tuple[str, int]], n_trials: int, *, processes: int) -> Iterator[Judged]:
    if processes == 1:
        yield from (trained(*task, n_trials) for task in tasks)
        return
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=apart) as pool:
        for done in as_completed([pool.submit(trained, *task, n_trials) for task in tasks]):
            yield done.result()


def _print(figures: Mapping[str, list[dict[str, tuple[float, float]]]]) -> None:
    names = [f"{by}, {of}" for by, of in RULES]
    before = {table: _means(found, names[0]) for table, found in figures.items()}
    print(
        "watched, chooses trials: change of the test figure and of the log loss in %, mean ± s.e. over tables"
    )
    for name in names[1:]:
        changes = [_changes(_means(found, name), before[table]) for table, found in figures.items()]
        of_metric, of_loss = ([change[place] for change in changes] for place in (0, 1))
        by_table = " ".join(f"{change:+.1f}" for change in of_metric)
        print(f"{name:32}{_mean(of_metric):>14}{_mean(of_loss):>14}   {by_table}")
    print("tables:", *figures)


def _means(found: list[dict[str, tuple[float, float]]], name: str) -> tuple[float, float]:
    return fmean(each[name][0] for each in found), fmean(each[name][1] for each in found)


def _changes(now: tuple[float, float], before: tuple[float, float]) -> list[float]:
    return [100 * (one / other - 1) if other else 0.0 for one, other in zip(now, before, strict=True)]


def _mean(values: list[float]) -> str:
    return (
        f"{fmean(values):+.1f} ± {stdev(values) / len(values) ** 0.5:.1f}"
        if len(values) > 1
        else f"{values[0]:+.1f}"
    )


if __name__ == "__main__":
    main()
