"""scikit-learn's network as its users train it epoch by epoch, for the peers that watch and prune."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.search_peers.task import Data


def network(point: Mapping[str, Any], *, seed: int, n_epochs: int = 1) -> MLPClassifier:
    """Make the network of a point."""
    return MLPClassifier(
        hidden_layer_sizes=(int(point["width"]),) * int(point["depth"]),
        learning_rate_init=point["learning_rate"],
        alpha=point["l2"],
        batch_size=point["batch_size"],
        solver="adam" if point["optimizer"] == "adam" else "sgd",
        momentum=0.9,
        max_iter=n_epochs,
        random_state=seed,
    )


class Training:
    """One trial's training, an epoch at a time.

    Parameters
    ----------
    point
        The hyperparameters.
    data
        Train and dev set.
    seed
        The network's randomness.
    n_epochs, patience
        The most epochs, and those without gain that end it.
    """

    def __init__(
        self, point: Mapping[str, Any], data: Data, *, seed: int, n_epochs: int, patience: int
    ) -> None:
        self._network = network(point, seed=seed)
        self._data = data
        self._n_epochs = n_epochs
        self._patience = patience
        self.errors: list[float] = []
        self.processor_seconds = 0.0

    @property
    def best(self) -> float:
        """The lowest dev error so far; 1 where there is none."""
        return min(self.errors, default=1.0)

    @property
    def is_done(self) -> bool:
        """Whether it has run for as long as it may."""
        best_epoch = int(np.argmin(self.errors)) + 1 if self.errors else 0
        return len(self.errors) >= self._n_epochs or len(self.errors) - best_epoch >= self._patience

    def epoch(self) -> float:
        """Train for an epoch, and return the dev error after it; of a network that diverged, 1."""
        began = time.thread_time()
        try:
            self._network.partial_fit(self._data.X_train, self._data.y_train, classes=self._data.classes)
            error = 1 - float(self._network.score(self._data.X_dev, self._data.y_dev))
        except ValueError as refusal:
            if "non-finite" not in str(refusal):  # weights that are no numbers any more
                raise
            error = 1.0
        self.processor_seconds += time.thread_time() - began
        self.errors.append(error)
        return error

    def epochs(self) -> Iterator[tuple[int, float]]:
        """Train to the end, giving each epoch's number and dev error."""
        while not self.is_done:
            error = self.epoch()
            yield len(self.errors), error
