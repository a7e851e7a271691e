"""The standard error of a mean, where examples came in units."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from service.uncertainty.interval import Z, students_quantile


def standard_error_of_mean(values: NDArray[np.float64], units: NDArray[np.intp] | None) -> float:
    """Return the standard error of a mean, by how the units differ.

    Where each example came by itself it is s / sqrt(n). Else it is sqrt(sum_u (d_u / (1 - n_u / n))^2), with
    d_u the sum of the unit's deviations from the mean over n, and wider by Student's t where units are few.
    Of one unit alone it is the size of the mean, for want of anything better.

    Parameters
    ----------
    values
        (n_examples,).
    units
        Numbers that examples share which came as one (n_examples,); None where each came by itself.
    """
    n = len(values)
    if units is None:
        return float(values.std(ddof=1)) / sqrt(n) if n > 1 else abs(float(values[0]))
    _, unit = np.unique(units, return_inverse=True)
    sizes = np.bincount(unit)
    if len(sizes) == 1:
        return abs(float(values.mean()))
    deviations = np.bincount(unit, values - values.mean()) / n
    wider = students_quantile(len(sizes) - 1) / Z
    return wider * float(np.sqrt(np.sum((deviations / (1 - sizes / n)) ** 2)))
