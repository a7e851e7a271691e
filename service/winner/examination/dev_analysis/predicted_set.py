"""Dev examples with their targets and the winner's predictions: what all of the analysis reads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.data.preparation.dev_examples import DevExamples
from workers.classification_metrics import SMALLEST_PROBABILITY


@dataclass(frozen=True, slots=True, eq=False)
class PredictedClasses:
    """A classification's dev examples.

    Attributes
    ----------
    examples
        Their rows and cells.
    y
        Class indices (n_examples,).
    probabilities
        (n_examples, n_classes).
    labels
        Class indices as the winner decides them (n_examples,).
    class_names
        Name of each class index.
    units
        Numbers that examples share which came as one (n_examples,); None where each came by itself.
    """

    examples: DevExamples
    y: NDArray[np.int64]
    probabilities: NDArray[np.floating]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    units: NDArray[np.intp] | None

    @property
    def log_losses(self) -> NDArray[np.float64]:
        """-log of the probability of each example's own class (n_examples,), in nats, never infinite."""
        own = self.probabilities[np.arange(len(self.y)), self.y].astype(np.float64)
        return -np.log(np.maximum(own, SMALLEST_PROBABILITY)) + 0.0  # no -0


@dataclass(frozen=True, slots=True, eq=False)
class PredictedNumbers:
    """A regression's dev examples.

    Attributes
    ----------
    examples
        Their rows and cells.
    y, predictions
        Numbers in the target's unit (n_examples,).
    units
        Numbers that examples share which came as one (n_examples,); None where each came by itself.
    """

    examples: DevExamples
    y: NDArray[np.float64]
    predictions: NDArray[np.float64]
    units: NDArray[np.intp] | None

    @property
    def residuals(self) -> NDArray[np.float64]:
        """Predicted less actual (n_examples,)."""
        return self.predictions - self.y
