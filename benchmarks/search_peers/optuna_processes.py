"""Optuna's way to use two cores: two processes that share a study in a SQLite file."""

import tempfile
from multiprocessing import get_context
from pathlib import Path

import optuna
from optuna.study import MaxTrialsCallback
from optuna.trial import TrialState

from benchmarks.search_peers.optuna_objective import objective, pruner, sampler
from benchmarks.search_peers.task import Task, task_of_command_line
from service.study.storage.database_url import file_url

NAME = "study"


def work(url: str, task: Task, place: int) -> None:
    """Take trials until there are enough."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(
        study_name=NAME, storage=url, sampler=sampler(task.seed * 2 + place), pruner=pruner()
    )
    enough = MaxTrialsCallback(task.n_trials, states=(TrialState.COMPLETE, TrialState.PRUNED))
    study.optimize(objective(task, task.load()), n_trials=task.n_trials, callbacks=[enough])


def main() -> None:
    """Run the study."""
    task = task_of_command_line()
    with tempfile.TemporaryDirectory() as directory:
        url = file_url(Path(directory) / "optuna.db")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        optuna.create_study(study_name=NAME, storage=url)
        processes = [get_context("fork").Process(target=work, args=(url, task, place)) for place in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()


if __name__ == "__main__":
    main()
