"""What a default search space gains: whole searches of several, on public tables, over several seeds.

    .venv/bin/python -m benchmarks.spaces SPACES.toml [--trials 30] [--seeds 5] [--json FILE]

SPACES.toml has a table a space, written as in a study file; the first is what the others are compared with.
Each search is Proctor's own suggestions (TPE, trial 0 the default values), a trial after the other; the trial
with the best dev figure is the winner, and its figure on the test set is what is compared: by the metric that
a study would choose by, which is the error, the balanced error or the RMSE.
"""

import argparse
import json
import sys
import tomllib
from pathlib import Path

import optuna
from optuna.trial import TrialState
from threadpoolctl import threadpool_limits

from benchmarks.changes import print_changes
from benchmarks.public_tables import PublicTable, available_tables, read_table
from search_spaces.derivation import derived_space
from search_spaces.network.space import NetworkSpace
from search_spaces.space import SearchSpace
from service.configuration.search_config import SamplerConfig
from service.study.search.seeds import trial_seed
from service.study.search.suggestions import Suggestions
from service.study.storage.kept_trials import TrialResult
from workers.failures import TrainingFailedError
from workers.messages import TrainingRules
from workers.trial.training import Training

MAX_EPOCHS, PATIENCE = 40, 10
LEFT_OUT = {"wine", "mnist_5000"}
"""36 test examples tell no two spaces apart; and the other takes longer than all the rest together."""


def search(table: PublicTable, space: SearchSpace, *, n_trials: int, seed: int) -> tuple[float, float]:
    """Run a search; return the winner's figure on the dev and on the test set."""
    rules = TrainingRules(MAX_EPOCHS, PATIENCE, table.metric, table.metric)
    suggestions = Suggestions(space, sampler=SamplerConfig(), study_seed=seed)
    best = (float("inf"), float("inf"), float("inf"))
    for number in range(n_trials):
        values, _ = suggestions.ask()
        point = space.point(values)
        training = Training(table.data, point, seed=trial_seed(seed, number), rules=rules)
        try:
            losses = []
            while not training.should_stop:
                losses.append(training.run_epoch().dev_loss)
        except TrainingFailedError:
            suggestions.show_ended(TrialResult(number, TrialState.FAIL, None, [], {}))
            continue
        suggestions.show_ended(TrialResult(number, TrialState.COMPLETE, training.best_badness, [], {}))
        rank = (training.best_badness, losses[training.best_epoch - 1])
        if rank < best[:2]:
            best = (*rank, table.test_figure(training.best_state["parameters"], point))
    return best[0], best[2]


def main() -> None:
    """Search all, and print a table: change of the test figure in percent against the first space."""
    parser = argparse.ArgumentParser(description="What the default search space gains.")
    parser.add_argument("spaces", type=Path)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    written = tomllib.loads(options.spaces.read_text("utf-8"))
    spaces = {
        name: NetworkSpace.model_validate(derived_space(space, NetworkSpace))
        for name, space in written.items()
    }
    names = [name for name in available_tables() if name not in LEFT_OUT]
    measured: dict[str, dict[str, list[tuple[float, float]]]] = {
        space: {name: [] for name in names} for space in spaces
    }
    with threadpool_limits(1, "blas"):
        for seed in range(options.seeds):
            for name in names:
                table = read_table(name, seed=seed)
                for label, space in spaces.items():
                    found = search(table, space, n_trials=options.trials, seed=seed)
                    measured[label][name].append(found)
            print(f"seed {seed} done", file=sys.stderr)
    on_test = {
        label: {name: [test for _, test in found] for name, found in by_table.items()}
        for label, by_table in measured.items()
    }
    print_changes(on_test, width=14)
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
