"""A trained network and what was fitted beside it: all that turns a table's features into predictions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from search_spaces.hyperparameters import Hyperparameters
from service.preparation.normalization import Normalization
from workers.prediction import predict
from workers.train_dev_data import Task


@dataclass(frozen=True, slots=True, eq=False)
class TrainedNetwork:
    """What predicts; the report's figures and an exported model's predictions both come from here.

    Attributes
    ----------
    task
        What is predicted.
    n_outputs
        Number of classes, or of targets.
    hyperparameters
        Those that it was trained with.
    parameters
        Weights, biases and the rest (n_parameters,).
    normalization
        Fitted on the train set.
    """

    task: Task
    n_outputs: int
    hyperparameters: Hyperparameters
    parameters: NDArray[np.float32]
    normalization: Normalization

    def predict(self, X: NDArray[np.float64]) -> NDArray[np.floating]:
        """Return class probabilities (n_examples, n_classes), or numbers in the target's unit (n_examples,).

        A row's predictions are the same to the last bit in whatever company it comes, and however X lies in
        memory.

        Parameters
        ----------
        X
            Features as they stand in the table, finite (n_examples, n_features).

        Raises
        ------
        ValueError
            The parameters are not as many as these hyperparameters and features make.
        """
        with threadpool_limits(1):  # more threads would add up in another order
            predictions = predict(
                self.parameters,
                self.hyperparameters,
                self.normalization.apply(np.ascontiguousarray(X)),  # a transposed product may round otherwise
                task=self.task,
                n_outputs=self.n_outputs,
            )
        if self.task is Task.REGRESSION:
            return self.normalization.restore_targets(predictions[:, 0])
        return predictions
