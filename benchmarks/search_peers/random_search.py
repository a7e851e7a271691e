"""scikit-learn's RandomizedSearchCV with `n_jobs=2`: every point is trained for all epochs."""

import time
import warnings
from typing import Any, Self

import numpy as np
from scipy.stats import loguniform, randint
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import PredefinedSplit, RandomizedSearchCV
from sklearn.neural_network import MLPClassifier

from benchmarks.search_peers.task import CHOICES, RANGES, EndedTrial, Task, now, task_of_command_line


class Network(MLPClassifier):  # type: ignore[misc] # scikit-learn has no annotations
    """Knows when its training began, takes one width for all layers, and one name for the optimizer."""

    def __init__(  # noqa: PLR0913 (scikit-learn's estimators name each hyperparameter)
        self,
        *,
        learning_rate_init: float = 0.001,
        alpha: float = 0.0001,
        width: int = 100,
        depth: int = 1,
        batch_size: int = 64,
        solver: str = "adam",
        max_iter: int = 30,
        random_state: int = 0,
    ) -> None:
        self.width = width
        self.depth = depth
        super().__init__(
            learning_rate_init=learning_rate_init,
            alpha=alpha,
            batch_size=batch_size,
            solver=solver,
            max_iter=max_iter,
            random_state=random_state,
        )

    def fit(self, X: Any, y: Any) -> Self:  # noqa: ANN401 (scikit-learn's)
        """Train."""
        warnings.simplefilter("ignore", ConvergenceWarning)  # so many epochs are the budget
        self.began_ = now()
        self.processor_began_ = time.thread_time()
        self.hidden_layer_sizes = (int(self.width),) * int(self.depth)
        return super().fit(X, y)  # type: ignore[no-any-return]


class Score:
    """The accuracy on the dev set, put into the log."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __call__(self, network: Network, X: Any, y: Any) -> float:  # noqa: ANN401 (scikit-learn's)
        """Judge a network that was trained."""
        accuracy = float(network.score(X, y))
        seconds = time.thread_time() - network.processor_began_
        self._task.note(EndedTrial(network.began_, now(), 1 - accuracy, network.n_iter_, seconds))
        return accuracy


def main() -> None:
    """Run the search."""
    task = task_of_command_line()
    data = task.load()
    X, y = np.concatenate([data.X_train, data.X_dev]), np.concatenate([data.y_train, data.y_dev])
    fold = np.repeat([-1, 0], [len(data.X_train), len(data.X_dev)])
    (low, high), (shallow, deep) = RANGES["width"], RANGES["depth"]
    space = {
        "learning_rate_init": loguniform(*RANGES["learning_rate"]),
        "alpha": loguniform(*RANGES["l2"]),
        "width": [round(width) for width in np.geomspace(low, high, 100)],
        "depth": randint(shallow, deep + 1),
        "batch_size": CHOICES["batch_size"],
        "solver": ["adam", "sgd"],
    }
    search = RandomizedSearchCV(
        Network(max_iter=task.n_epochs),
        space,
        n_iter=task.n_trials,
        n_jobs=2,
        cv=PredefinedSplit(fold),
        scoring=Score(task),
        random_state=task.seed,
        refit=False,
        error_score=0.0,
    )
    search.fit(X, y)


if __name__ == "__main__":
    main()
