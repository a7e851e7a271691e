"""Which of many hypotheses to reject, so that chance rejects one that is true in few studies."""

import numpy as np
from numpy.typing import NDArray


def rejected(p: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Return which of some hypotheses Holm's procedure rejects.

    Parameters
    ----------
    p
        Their p-values (n,), dependent or not.
    level
        Share of studies in which one that is true may be rejected (fraction).

    Returns
    -------
    ndarray
        Bool (n,).

    References
    ----------
    S. Holm, 1979, "A simple sequentially rejective multiple test procedure".
    """
    order = np.argsort(p, kind="stable")
    is_low = p[order] <= level / np.arange(len(p), 0, -1)
    result = np.zeros(len(p), dtype=bool)
    result[order] = np.logical_and.accumulate(is_low)
    return result
