"""Bins of numeric features, made once: scikit-learn makes its own for each further block, then of few values.

They are those that scikit-learn makes of unweighted examples. With weights it takes thousands of quantiles
one by one, which is most of a small study's time; class weights hardly move them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Bins(NamedTuple):
    """Features by the bins that their values lie in.

    Attributes
    ----------
    X
        Index of each number's bin, NaN where it is missing; categories' codes as they are: float32
        (n_examples, n_features).
    edges
        Of each feature, the largest value of each bin but the last, float64; of categories none.
    """

    X: NDArray[np.float32]
    edges: list[NDArray[np.float64]]

    def threshold(self, feature: int, between: float) -> float:
        """Return the largest value of a feature on the left of a split, from one between indices of bins."""
        edges = self.edges[feature]
        return float(edges[int(between)]) if between < len(edges) else np.inf


def binned(X: NDArray[np.float32], *, max_bins: int, is_categorical: NDArray[np.bool_]) -> Bins:
    """Sort features into bins.

    Parameters
    ----------
    X
        (n_examples, n_features), with NaN for missing cells.
    max_bins
        The most bins of a feature.
    is_categorical
        Features that are left as they are (n_features,).
    """
    indices, edges = X.copy(order="F"), []
    for feature in range(X.shape[1]):
        if is_categorical[feature]:
            edges.append(np.empty(0))
            continue
        column = X[:, feature].astype(np.float64)
        is_present = ~np.isnan(column)
        edges.append(_edges(column[is_present], max_bins))
        indices[is_present, feature] = np.searchsorted(edges[-1], column[is_present])
    return Bins(indices, edges)


def _edges(values: NDArray[np.float64], max_bins: int) -> NDArray[np.float64]:
    """Return midpoints between the values, or where they are more than bins, quantiles."""
    distinct = np.unique(values)
    if len(distinct) <= max_bins:
        return (distinct[:-1] + distinct[1:]) / 2
    percents = np.linspace(0, 100, max_bins + 1)[1:-1]
    return np.unique(np.percentile(values, percents, method="averaged_inverted_cdf"))
