"""Made learning curves, and parts of small tables, for the tests of this room."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint
from service.configuration.study_file import study_from_flags
from service.data.preparation.prepared_data import KnownInputs, read_known
from service.winner.learning_curve.curve_plan import CurvePlan, Learner, plan_curve
from service.winner.learning_curve.measured_curve import Outcome, measure
from service.winner.learning_curve.part_figures import PartFigures
from workers.messages import TrainingRules
from workers.metrics.metric import Metric
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import WorkerPool

POINT = NetworkPoint(width=8, depth=1, batch_size=16, learning_rate=0.01)
LEARNER = Learner(trial=3, point=POINT, rules=TrainingRules(4, 4, Metric.ERROR, Metric.ERROR))
N_EXAMPLES = (125, 250, 500, 1000)


def known_of(table: str, **flags: object) -> KnownInputs:
    """Read a table, and split it."""
    return read_known(study_from_flags({"data.table": table, **flags})[0])


def plan_of(known: KnownInputs, *, n_seeds: int = 2, seed: int = 5, learner: Learner = LEARNER) -> CurvePlan:
    """Plan a curve of a quick network."""
    return plan_curve(learner, known, n_seeds=n_seeds, study_seed=seed)


def outcomes_of(plan: CurvePlan, pool: WorkerPool | None = None) -> dict[int, Outcome]:
    """Run a plan's trainings."""
    pool = pool or InProcessPool(plan.data)
    outcomes = measure(plan, pool, watch=lambda *_: None, is_interrupted=lambda: False)
    assert outcomes is not None
    return dict(outcomes)


def written(path: Path, n: int = 400, *, groups: int = 0) -> str:
    """Write a table of two columns of numbers, one of words and a class, and groups of one size if asked."""
    rng = np.random.default_rng(0)
    a, b = rng.lognormal(size=(2, n))
    columns = {"a": a, "b": b, "word": rng.choice(["p", "q", "r"], n), "y": np.where(a > b, "more", "less")}
    if groups:
        columns["g"] = np.array([f"g{row % groups}" for row in range(n)])
    pl.DataFrame(columns).write_csv(path)
    return str(path)


def error_figures(
    rates: NDArray[np.float64], *, n_dev: int, n_seeds: int, rng: np.random.Generator
) -> tuple[list[PartFigures], NDArray[np.int64]]:
    """Draw classifiers of two classes that err at these rates, and what is true.

    An example has one difficulty for all of them in half of the cases, so that their errors go together.
    """
    y = rng.integers(0, 2, n_dev)
    difficulty = rng.random(n_dev)
    parts = []
    for n_examples, rate in zip(N_EXAMPLES, rates, strict=True):
        own = rng.random((n_seeds, n_dev))
        is_shared = rng.random((n_seeds, n_dev)) < 0.5
        errs = np.where(is_shared, difficulty, own) < rate
        said = np.where(errs, 1 - y, y)
        predictions = np.eye(2)[said]
        parts.append(PartFigures(n_examples, errs.mean(axis=1), predictions))
    return parts, y
