"""What each pruner gains at equal total epochs, against two baselines, on real trainings over several seeds.

    .venv/bin/python -m benchmarks.pruners [--epochs 1000] [--seeds 10] [--sampler tpe] [--space small]
        [--tables digits breast_cancer mixed_6000] [--json FILE]

Each search asks, prunes and learns as a study does on its virtual clock, until its epochs are used up; a
trial that would end after that does not count. The baselines are no pruning, and one epoch each: all but a
few trainings' worth of the epochs go to trials of one epoch, and the best by it are then trained to their own
end, the best first. Compared is the dev figure of the best complete trial, and its figure on the test set, as
more trials also flatter more.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.trial import TrialState
from scipy.stats import t as student
from threadpoolctl import threadpool_limits

from benchmarks.epoch_cost import space_of_inputs
from benchmarks.public_tables import PublicTable, read_table
from benchmarks.virtual_search import VirtualSearch, shown_result
from search_spaces.network.point import NetworkPoint
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import PrunerConfig, PrunerName, SamplerConfig
from service.study.search.seeds import trial_seed
from service.study.search.suggestions import Suggestions
from service.study.search.virtual_clock import epoch_cost
from service.study.storage.kept_trials import TrialResult
from workers.messages import Ending, Threshold, TrainingRules, TrialEnded, TrialRequest
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

N_FINALISTS = 3
"""Whole trainings that the baseline of one epoch each keeps epochs for."""


@dataclass(frozen=True)
class Task:
    """One table, split by a seed, and how it is searched."""

    table: PublicTable
    space: SearchSpace
    sampler: SamplerConfig
    rules: TrainingRules
    seed: int
    epochs: int

    def run(self, request: TrialRequest) -> TrialEnded:
        """Train a trial to its end."""
        *_, ended = run_trial(TrialData.single(self.table.data), request, worker="benchmark")
        if not isinstance(ended, TrialEnded):
            raise TypeError(f"a trial's last event is its end, got {ended}")
        return ended

    def request(
        self, number: int, values: dict[str, Value], thresholds: tuple[Threshold, ...] = ()
    ) -> TrialRequest:
        """Return what a trial is run by that no pruner knows of."""
        seed = trial_seed(self.seed, number)
        point = self.space.point(values)
        return TrialRequest(number, point, seed, self.rules, thresholds, keep_state=True)


@dataclass(frozen=True)
class Candidate:
    """A complete trial: its rank, the values that it had, and its weights and biases."""

    rank: tuple[float, float]
    values: dict[str, Value]
    parameters: NDArray[np.float32]

    @classmethod
    def of(cls, task: Task, ended: TrialEnded, values: dict[str, Value]) -> "Candidate":
        """Return a trial that has ended as a candidate."""
        if ended.state is None:
            raise ValueError(f"a complete trial has parameters, got none of trial {ended.number}")
        rank = task.rules.metric.badness(ended.dev_metric), ended.dev_loss
        return cls(rank, values, ended.state["parameters"])


@dataclass(frozen=True)
class Found:
    """What a search found: the best trial's figures, and how many trials there were."""

    dev: float
    test: float
    trials: int
    complete: int


def found(task: Task, candidates: Sequence[Candidate], *, trials: int) -> Found:
    """Return what a search found, from its complete trials."""
    best = min(candidates, key=lambda candidate: candidate.rank)
    test = task.table.test_figure(best.parameters, task.space.point(best.values))
    return Found(task.rules.metric.badness(best.rank[0]), test, trials, len(candidates))


def pruned_search(task: Task, config: PrunerConfig) -> Found:
    """Search with a pruner, until the epochs are used up."""
    data = TrialData.single(task.table.data)

    def cost(point: NetworkPoint) -> float:
        return epoch_cost(point, data)

    search = VirtualSearch(task.space, task.sampler, config, task.rules, task.seed, task.run, cost)
    trials = list(search.trials(epochs=task.epochs))
    complete = [
        Candidate.of(task, ended, values) for values, ended in trials if ended.ending is Ending.COMPLETE
    ]
    return found(task, complete, trials=len(trials))


def one_epoch_each(task: Task) -> Found:
    """Give trials one epoch each, then train the best; the epoch they had is not paid for again."""
    suggestions = Suggestions(task.space, sampler=task.sampler, study_seed=task.seed)
    tried: list[tuple[float, int, dict[str, Value]]] = []
    n_trials = task.epochs - N_FINALISTS * (task.rules.max_epochs - 1)
    for number in range(n_trials):
        values, _ = suggestions.ask()
        ended = task.run(task.request(number, values, (Threshold(1, -math.inf),)))
        result = shown_result(ended, task.rules)
        if result.value is not None:
            tried.append((result.value, number, values))
            result = TrialResult(number, TrialState.COMPLETE, result.value, (), {})
        suggestions.show_ended(result)
    epochs = n_trials
    candidates: list[Candidate] = []
    for _, number, values in sorted(tried, key=lambda trial: trial[:2]):
        ended = task.run(task.request(number, values))
        epochs += ended.epochs - 1
        if epochs > task.epochs:
            break
        if ended.ending is Ending.COMPLETE:
            candidates.append(Candidate.of(task, ended, values))
    return found(task, candidates, trials=n_trials)


def pruning_by(config: PrunerConfig) -> Callable[[Task], Found]:
    """Return the search with a pruner."""
    return lambda task: pruned_search(task, config)


NO_PRUNING, ONE_EPOCH = "none", "one epoch each"
SEARCHES: dict[str, Callable[[Task], Found]] = {
    NO_PRUNING: pruning_by(PrunerConfig(kind=PrunerName.NONE)),
    ONE_EPOCH: one_epoch_each,
    "successive-halving": pruning_by(PrunerConfig()),
    "hyperband": pruning_by(PrunerConfig(kind=PrunerName.HYPERBAND)),
    "median": pruning_by(PrunerConfig(kind=PrunerName.MEDIAN)),
}


def interval(values: Sequence[float]) -> str:
    """Return the mean with half the width of its 95 % interval (Student's t)."""
    if len(values) < 2:
        return f"{fmean(values):.4f}"
    half = float(student.ppf(0.975, len(values) - 1)) * stdev(values) / len(values) ** 0.5
    return f"{fmean(values):.4f} ± {half:.4f}"


def print_table(name: str, by_search: dict[str, list[Found]]) -> None:
    """Print a table's figures: means over seeds, and differences paired by seed; lower is better."""
    columns = ("trials", "complete", "dev", f"dev, less {NO_PRUNING}", f"dev, less {ONE_EPOCH}", "test")
    print(f"\n{name:20}", *[f"{column:>25}" for column in columns])
    for search, outcomes in by_search.items():
        dev = [outcome.dev for outcome in outcomes]
        differences = [
            interval([one - other.dev for one, other in zip(dev, by_search[baseline], strict=True)])
            for baseline in (NO_PRUNING, ONE_EPOCH)
        ]
        figures = (
            f"{fmean(outcome.trials for outcome in outcomes):.1f}",
            f"{fmean(outcome.complete for outcome in outcomes):.1f}",
            interval(dev),
            *differences,
            interval([outcome.test for outcome in outcomes]),
        )
        print(f"{search:20}", *[f"{figure:>25}" for figure in figures])


def tasks(name: str, options: argparse.Namespace) -> Iterator[Task]:
    """Yield a table's tasks, one a seed."""
    for seed in range(options.seeds):
        table = read_table(name, seed=seed)
        rules = TrainingRules(options.max_epochs, options.patience, table.metric, table.metric)
        sampler = SamplerConfig.model_validate({"kind": options.sampler})
        yield Task(table, space_of_inputs(options.space), sampler, rules, seed, options.epochs)


def main() -> None:
    """Search all, and print a table of figures a table of data."""
    parser = argparse.ArgumentParser(description="What each pruner gains at equal total epochs.")
    parser.add_argument("--epochs", type=int, default=1000, help="in all, for each search")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--tables", nargs="+", default=["digits", "breast_cancer", "mixed_6000"])
    parser.add_argument("--space", default="small")
    parser.add_argument("--sampler", default="tpe")
    parser.add_argument("--max-epochs", type=int, default=60)
    parser.add_argument("--patience", type=int, default=10)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.epochs <= N_FINALISTS * options.max_epochs:
        parser.error(f"--epochs must exceed {N_FINALISTS} trainings of --max-epochs, got {options.epochs}")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    measured: dict[str, dict[str, list[Found]]] = {}
    with threadpool_limits(1, "blas"):
        for name in options.tables:
            measured[name] = {search: [] for search in SEARCHES}
            for task in tasks(name, options):
                for search, run in SEARCHES.items():
                    measured[name][search].append(run(task))
                print(f"{name}: seed {task.seed} done", file=sys.stderr)
            print_table(name, measured[name])
    if options.json:
        plain = {
            name: {search: [vars(outcome) for outcome in outcomes] for search, outcomes in by_search.items()}
            for name, by_search in measured.items()
        }
        options.json.write_text(json.dumps(plain, indent=1) + "\n")


if __name__ == "__main__":
    main()
