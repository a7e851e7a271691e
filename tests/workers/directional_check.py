"""The gradient along one direction: a check for networks too large to move every parameter alone."""

import numpy as np
from numpy.typing import NDArray

from workers.network.gradient_check import Cost


def directional_error(cost: Cost, direction: NDArray[np.float64], *, epsilon: float) -> float:
    """Return the relative error of the gradient along a direction, against two-sided differences.

    Differences over epsilon and over twice that are combined so that their errors of second order cancel
    (Richardson's extrapolation): a network too large for one coordinate at a time is checked by few passes.

    Parameters
    ----------
    cost
        Left as it was.
    direction
        (n_trainable,).
    epsilon
        How many directions far to either side.
    """
    exact = float(np.dot(cost.gradient(), direction))
    start = cost.parameters.copy()

    def difference(step: float) -> float:
        values = []
        for signed in (step, -step):
            np.copyto(cost.parameters, start + signed * direction)
            values.append(cost.value())
        np.copyto(cost.parameters, start)
        return (values[0] - values[1]) / (2 * step)

    approximate = (4 * difference(epsilon) - difference(2 * epsilon)) / 3
    return abs(approximate - exact) / max(abs(approximate), abs(exact))
