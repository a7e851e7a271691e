"""Ray Tune as an expert sets it: OptunaSearch, ASHA, the class API, actors used again, no loggers."""

import logging
import os
import tempfile
from typing import Any

os.environ |= {"TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1", "RAY_USAGE_STATS_ENABLED": "0"}

import ray
from ray import tune
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.optuna import OptunaSearch

from benchmarks.search_peers.optuna_objective import distributions, sampler
from benchmarks.search_peers.task import Data, EndedTrial, Task, now, task_of_command_line
from benchmarks.search_peers.training import Training


class Trial(tune.Trainable):
    """A trial that is stepped epoch by epoch."""

    def setup(self, config: dict[str, Any], task: Task, data: Data) -> None:  # type: ignore[override] # as with_parameters calls it
        """Begin the first trial of an actor."""
        self._task, self._data = task, data
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Begin the next one."""
        self._began = now()
        self._training = Training(
            new_config,
            self._data,
            seed=self._task.seed,
            n_epochs=self._task.n_epochs,
            patience=self._task.patience,
        )
        self._noted = False
        return True

    def step(self) -> dict[str, Any]:
        """Train for an epoch."""
        error = self._training.epoch()
        return {
            "dev_error": error,
            "best_dev_error": self._training.best,
            "began": self._began,
            "now": now(),
            "training_seconds": self._training.processor_seconds,
            "done": self._training.is_done,
        }

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Keep nothing."""

    def load_checkpoint(self, checkpoint: Any) -> None:  # noqa: ANN401 (Ray's)
        """Have nothing kept."""


def main() -> None:
    """Run the search."""
    task = task_of_command_line()
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    search = OptunaSearch(space=distributions(), metric="dev_error", mode="min", sampler=sampler(task.seed))
    trainable = tune.with_parameters(Trial, task=task, data=task.load())
    with tempfile.TemporaryDirectory() as directory:
        results = tune.Tuner(
            tune.with_resources(trainable, {"cpu": 1}),
            tune_config=tune.TuneConfig(
                search_alg=search,
                scheduler=ASHAScheduler(
                    metric="dev_error", mode="min", max_t=task.n_epochs, grace_period=3, reduction_factor=3
                ),
                num_samples=task.n_trials,
                max_concurrent_trials=2,
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(storage_path=directory, verbose=0),
        ).fit()
    for result in results:  # type: ignore[attr-defined] # by its __getitem__
        if result.metrics and "now" in result.metrics:
            last = result.metrics
            epochs = last["training_iteration"]
            seconds = last["training_seconds"]
            task.note(EndedTrial(last["began"], last["now"], last["best_dev_error"], epochs, seconds))
    ray.shutdown()


if __name__ == "__main__":
    main()
