"""A trained network and what was fitted beside it: all that turns a table's cells into predictions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from search_spaces.hyperparameters import Hyperparameters
from service.preparation.preparation import Preparation
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
    preparation
        What makes inputs of a table's cells, fitted on the train set.
    """

    task: Task
    n_outputs: int
    hyperparameters: Hyperparameters
    parameters: NDArray[np.float32]
    preparation: Preparation

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.floating]:
        """Return class probabilities (n_examples, n_classes), or numbers in the target's unit (n_examples,).

        A row's predictions are the same to the last bit in whatever company it comes.

        Parameters
        ----------
        X
            Inputs, as `preparation` makes them (n_examples, n_inputs).

        Raises
        ------
        ValueError
            The parameters are not as many as these hyperparameters and inputs make.
        """
        with threadpool_limits(1):  # more threads would add up in another order
            outputs = predict(
                self.parameters, self.hyperparameters, X, task=self.task, n_outputs=self.n_outputs
            )
        return self.preparation.restored(outputs)
