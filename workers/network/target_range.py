"""Predictions of numbers, kept within the range of the train targets.

A network goes on in straight lines beyond its train set, so that one odd row may be predicted to be anything.

References
----------
Holzmüller, Grinsztajn and Steinwart 2024, "Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on
Tabular Data", appendix A.
"""

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint, Switch
from workers.messages import State
from workers.train_dev_data import Task

TARGET_RANGE = "target_range"
"""Name of the array in a network's state that it is kept as: the lowest and the highest (2, n_outputs)."""


def clips_predictions(hyperparameters: NetworkPoint, task: Task) -> bool:
    """Return whether predictions are clipped: those of classes never are."""
    return hyperparameters.clip_predictions is Switch.ON and task is Task.REGRESSION


def range_of(targets: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the lowest and the highest of each target (2, n_outputs), of targets (n_examples, n_outputs)."""
    return np.array([targets.min(axis=0), targets.max(axis=0)], np.float32)


def target_range(state: State, *, n_outputs: int) -> NDArray[np.floating]:
    """Return the range that a network's predictions are clipped to, by its state.

    Raises
    ------
    LookupError
        It is not there.
    ValueError
        It is no lowest and highest number for each target.
    """
    bounds = state[TARGET_RANGE]
    if bounds.shape != (2, n_outputs) or not np.issubdtype(bounds.dtype, np.floating):
        raise ValueError(
            f"expected the range of {n_outputs} targets as numbers of shape {(2, n_outputs)},"
            f" got {bounds.dtype} {bounds.shape}"
        )
    if not np.all(bounds[0] <= bounds[1]):
        raise ValueError(f"expected the lowest and the highest of each target, got {bounds.tolist()}")
    return bounds


def clip_into(predictions: NDArray[np.floating], bounds: NDArray[np.floating]) -> None:
    """Overwrite predictions (n_examples, n_outputs) with the nearest numbers in range; NaN stays NaN."""
    np.clip(predictions, bounds[0], bounds[1], out=predictions)
