"""What averages gain on the test set: a single winner, an ensemble, the folds' models, and a refit.

    .venv/bin/python -m benchmarks.averages [--tables NAME ...] [--model KIND] [--trials 20] [--seeds 5]
        [--folds 5] [--metric NAME] [--max-epochs N] [--json FILE]

A seed splits a table anew, and is the study's. Each study is searched once, without folds and with them, and
its winner is shipped in each way. Printed are the metric's means over the seeds on the test rows, and in
percent how they differ from the single winner without folds, with the standard error of the paired
differences; and of the ensembles what their reports expect on new examples, beside what the test rows show.
"""

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from threadpoolctl import threadpool_limits

from benchmarks.public_tables import study_of, test_examples
from benchmarks.quiet_study import searched_study
from search_spaces.kinds import SPACES
from service.data.preparation.prepared_data import prepare_data
from service.winner.examination.conclusion import train_winner
from workers.metrics.metric import Metric
from workers.pools.in_process_pool import InProcessPool

TABLES = ("breast_cancer", "diabetes", "digits", "mixed_2000")
SINGLE = "winner"
WAYS = {
    SINGLE: {"ensemble": False},
    "ensemble": {"ensemble": True},
}
"""How the winner of a study without folds is shipped: what `[confirmation]` has."""

WAYS_OF_FOLDS = {
    "folds, refit": {"ensemble": False, "refit": True},
    "folds, averaged": {"ensemble": False, "refit": False},
    "folds, ensemble, refit": {"ensemble": True, "refit": True},
    "folds, ensemble": {"ensemble": True, "refit": False},
}


@dataclass(frozen=True)
class Shipped:
    """What is shipped in one way: its test figure, and what was expected of it; None of a single model."""

    metric: str
    test: float
    dev: float
    expected: float | None


def shipped_ways(table: str, *, seed: int, n_folds: int, flags: dict[str, Any]) -> dict[str, Shipped]:
    """Search without folds and with them, and ship in each way; flags say more of the studies."""
    found: dict[str, Shipped] = {}
    for ways, folds in ((WAYS, {}), (WAYS_OF_FOLDS, {"split.folds": n_folds})):
        more = flags | folds | {"confirmation.ensemble": True}
        with threadpool_limits(1), study_of(table, seed=seed, flags=more) as config:
            prepared = prepare_data(config)
            test = test_examples(config, prepared)
            with searched_study(config, prepared) as (study, store):
                for way, changes in ways.items():
                    confirmation = study.config.confirmation.model_copy(update=changes)
                    shipped = replace(
                        study, config=study.config.model_copy(update={"confirmation": confirmation})
                    )
                    pool = InProcessPool(prepared.trial_data)
                    winner = train_winner(shipped, prepared, store=store, pool=pool)
                    examined = winner.read(test)
                    figures = winner.figures(examined, winner.trained.predict(examined.X))["winner"]
                    found[way] = Shipped(
                        str(study.metric),
                        figures[study.metric],
                        winner.dev_figures()["winner"][study.metric],
                        None if winner.selection is None else winner.selection.without,
                    )
    return found


def print_table(table: str, rounds: list[dict[str, Shipped]]) -> None:
    """Print a table's means over its seeds, a line a way."""
    print(f"{table}, {rounds[0][SINGLE].metric}: mean over {len(rounds)} seeds")
    single = np.array([each[SINGLE].test for each in rounds])
    for way in rounds[0]:
        test = np.array([each[way].test for each in rounds])
        change = 100 * (test - single) / single.mean()
        error = change.std(ddof=1) / len(change) ** 0.5 if len(change) > 1 else float("nan")
        dev = np.mean([each[way].dev for each in rounds])
        expected = [each[way].expected for each in rounds]
        foretold = "" if None in expected else f"   expected {np.mean(np.array(expected, np.float64)):.4g}"
        print(
            f"  {way:24}{test.mean():10.4g}   {change.mean():+6.1f} ± {error:4.1f} %  dev {dev:.4g}{foretold}"
        )


def main() -> None:
    """Run all, and print a table each."""
    parser = argparse.ArgumentParser(description="What averages of models gain on the test set.")
    parser.add_argument("--tables", nargs="*", default=list(TABLES))
    parser.add_argument("--model", choices=list(SPACES), default="network")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--metric", choices=list(Metric), help="left out, the study's default")
    parser.add_argument("--max-epochs", type=int, help="left out, the kind's default")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    flags: dict[str, Any] = {"trials": options.trials, "model.kind": options.model}
    if options.metric:
        flags["metric"] = options.metric
    if options.max_epochs:
        flags["training.max_epochs"] = options.max_epochs
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found: dict[str, list[dict[str, Shipped]]] = {table: [] for table in options.tables}
    for table, of_table in found.items():
        for seed in range(options.seeds):
            of_table.append(shipped_ways(table, seed=seed, n_folds=options.folds, flags=flags))
            print(f"{table}, seed {seed} done", file=sys.stderr)
    for table, of_seeds in found.items():
        print_table(table, of_seeds)
    if options.json:
        written = {
            table: [{way: vars(it) for way, it in each.items()} for each in of_seeds]
            for table, of_seeds in found.items()
        }
        options.json.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
