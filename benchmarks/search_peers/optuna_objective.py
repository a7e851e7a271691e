"""The objective that Optuna's users write: suggest, train an epoch, report, prune."""

from collections.abc import Callable
from typing import Any

import optuna

from benchmarks.search_peers.task import CHOICES, RANGES, Data, EndedTrial, Task, now
from benchmarks.search_peers.training import Training


def sampler(seed: int) -> optuna.samplers.TPESampler:
    """Return TPE as for several workers."""
    return optuna.samplers.TPESampler(seed=seed, constant_liar=True)


def pruner() -> optuna.pruners.MedianPruner:
    """Return the median pruner, Optuna's default, with a few epochs' grace."""
    return optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=3)


def distributions() -> dict[str, optuna.distributions.BaseDistribution]:
    """Return the search space in Optuna's words."""
    number: dict[str, optuna.distributions.BaseDistribution] = {
        name: optuna.distributions.FloatDistribution(*RANGES[name], log=True)
        for name in ("learning_rate", "l2")
    }
    low, high = RANGES["width"]
    number["width"] = optuna.distributions.IntDistribution(int(low), int(high), log=True)
    low, high = RANGES["depth"]
    number["depth"] = optuna.distributions.IntDistribution(int(low), int(high))
    return number | {
        name: optuna.distributions.CategoricalDistribution(choices) for name, choices in CHOICES.items()
    }


def suggest(trial: optuna.Trial, name: str, distribution: optuna.distributions.BaseDistribution) -> Any:  # noqa: ANN401 (a number, or a choice)
    """Ask a trial for a value."""
    match distribution:
        case optuna.distributions.FloatDistribution(low=low, high=high, log=log):
            return trial.suggest_float(name, low, high, log=log)
        case optuna.distributions.IntDistribution(low=low, high=high, log=log):
            return trial.suggest_int(name, low, high, log=log)
        case optuna.distributions.CategoricalDistribution(choices=choices):
            return trial.suggest_categorical(name, choices)
        case _:
            raise ValueError(f"{name} has an unknown distribution, {distribution}")


def objective(task: Task, data: Data) -> Callable[[optuna.Trial], float]:
    """Return the objective."""
    space = distributions()

    def train(trial: optuna.Trial) -> float:
        began = now()
        point = {name: suggest(trial, name, distribution) for name, distribution in space.items()}
        training = Training(point, data, seed=trial.number, n_epochs=task.n_epochs, patience=task.patience)
        is_pruned = False
        for epoch, error in training.epochs():
            trial.report(error, epoch)
            if trial.should_prune():
                is_pruned = True
                break
        task.note(EndedTrial(began, now(), training.best, len(training.errors), training.processor_seconds))
        if is_pruned:
            raise optuna.TrialPruned
        return training.best

    return train
