"""Which class an example is labelled with: a decision on top of its probabilities, by what errors cost."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from workers.metrics.class_weights import class_weights


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """Labels an example with the class whose probability times its weight is highest; of equals, the first.

    Attributes
    ----------
    weights
        One a class, above 0; empty where all are alike, and for numbers, which have no labels.
    """

    weights: tuple[float, ...] = ()

    @classmethod
    def balanced(cls, class_counts: NDArray[np.int64], balance: float) -> Self:
        """Return the rule that weighs classes by (1 / share)**balance, as `class_weights` does."""
        return cls(tuple(class_weights(class_counts, balance).tolist()) if balance else ())

    def labels(self, probabilities: NDArray[np.floating]) -> NDArray[np.int64]:
        """Return class indices (...) of probabilities (..., n_classes)."""
        scores = probabilities * np.array(self.weights) if self.weights else probabilities
        labels: NDArray[np.int64] = scores.argmax(axis=-1)
        return labels


MOST_PROBABLE = DecisionRule()
