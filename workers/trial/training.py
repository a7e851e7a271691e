"""One model's training, judged on the dev set after each epoch: a pure function of (data, point, seed)."""

import numpy as np
from numpy.typing import NDArray

from search_spaces.point import Point
from workers.denormals import denormals_as_zero
from workers.judged_epoch import judged_epoch
from workers.kinds import model_kind
from workers.messages import EpochMetrics, State, TrainingRules
from workers.metrics.dev_figures import all_dev_figures
from workers.metrics.metric import Metric, decision_rule
from workers.train_dev_data import TrainDevData
from workers.trial.early_stopping import EarlyStopping


class Training:
    """A model that learns, and the best epoch so far.

    Parameters
    ----------
    data
        Train and dev set.
    hyperparameters
        The point to train; it says what kind of model it is.
    seed
        Source of all randomness.
    rules
        How long it trains, and what it is judged by.

    Raises
    ------
    ValueError
        The point does not suit the data.
    """

    def __init__(
        self,
        data: TrainDevData,
        hyperparameters: Point,
        *,
        seed: int,
        rules: TrainingRules,
    ) -> None:
        self._data, self._rules = data, rules
        self._stopping = EarlyStopping(rules.patience, rules.min_gain)
        self._rule = decision_rule(rules.metric, data.class_counts)
        self._learner = model_kind(hyperparameters.kind).learner(
            data, hyperparameters, seed=seed, rules=rules
        )
        self._dev_predictions = np.empty((len(data.X_dev), data.n_outputs), np.float32)
        self._best_dev_predictions = np.empty_like(self._dev_predictions)
        self._n_unjudged = 0

    @property
    def epochs(self) -> int:
        """Epochs run to their end."""
        return self._stopping.epochs + self._n_unjudged

    @property
    def best_epoch(self) -> int:
        """Epoch with the best watched metric on the dev set, counted from 1; 0 before the first."""
        return self._stopping.best_epoch

    @property
    def best_badness(self) -> float:
        """The watched metric's badness after the best epoch; infinite before the first."""
        return self._stopping.best_badness

    @property
    def best_state(self) -> State:
        """What the model had learned after the best epoch, in arrays of its own."""
        return self._learner.kept_state

    @property
    def best_model_figures(self) -> dict[str, float]:
        """What the model of the best epoch shows of itself, by name."""
        return dict(self._learner.kept_figures)

    @property
    def best_dev_metrics(self) -> dict[Metric, float]:
        """Every metric of the task on the dev set, after the best epoch; empty before the first."""
        if self.best_epoch == 0:
            return {}
        return all_dev_figures(self._best_dev_predictions, self._data, rule=self._rule)

    @property
    def best_dev_predictions(self) -> NDArray[np.float32] | None:
        """A copy of the best epoch's predictions (n_dev, n_outputs); None before the first."""
        return self._best_dev_predictions.copy() if self.best_epoch > 0 else None

    @property
    def earliest_stop(self) -> int:
        """The fewest epochs after which it may stop by itself."""
        return min(self._stopping.earliest_stop, self._rules.max_epochs)

    @property
    def should_stop(self) -> bool:
        """Whether patience is used up or `max_epochs` is reached."""
        return self._stopping.patience_is_used_up or self.epochs >= self._rules.max_epochs

    def run_epoch(self) -> EpochMetrics:
        """Let the model learn for an epoch, then judge it on the dev set.

        Raises
        ------
        TrainingFailedError
            A loss or a metric is NaN or infinite, or the model cannot learn any more; the epoch does not
            count as run.
        RuntimeError
            All `max_epochs` have been run.
        """
        self._insist_on_epochs_left()
        metrics = judged_epoch(
            self._learner,
            self._data,
            self._dev_predictions,
            rules=self._rules,
            rule=self._rule,
        )
        is_best = self._stopping.observe(
            badness=self._rules.watch.badness(metrics.dev_watched), loss=metrics.dev_loss
        )
        if is_best:
            self._learner.keep()
            np.copyto(self._best_dev_predictions, self._dev_predictions)
        return metrics

    def run_unjudged_epoch(self) -> float:
        """Let the model learn for an epoch, look at no dev set, and return the train loss.

        For a refit: nothing chooses between its epochs, so that the last one's model counts as the best.

        Raises
        ------
        TrainingFailedError, RuntimeError
            As for `run_epoch`.
        """
        self._insist_on_epochs_left()
        # As in a judged epoch.
        with denormals_as_zero(), np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            train_loss = self._learner.advance().train_loss
            self._learner.check({"the train loss": train_loss})
        self._n_unjudged += 1
        self._learner.keep()
        return train_loss

    def _insist_on_epochs_left(self) -> None:
        if self.epochs >= self._rules.max_epochs:
            raise RuntimeError(f"all of max_epochs = {self._rules.max_epochs} epochs have been run")
