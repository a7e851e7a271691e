"""Optuna's `n_jobs=2`: two threads of one process, a study in memory."""

import optuna

from benchmarks.search_peers.optuna_objective import objective, pruner, sampler
from benchmarks.search_peers.task import task_of_command_line


def main() -> None:
    """Run the study."""
    task = task_of_command_line()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=sampler(task.seed), pruner=pruner())
    study.optimize(objective(task, task.load()), n_trials=task.n_trials, n_jobs=2)


if __name__ == "__main__":
    main()
