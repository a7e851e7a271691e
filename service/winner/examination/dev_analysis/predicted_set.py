"""Dev examples with their targets and the winner's predictions: what all of the analysis reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.data.preparation.dev_examples import DevExamples
from workers.metrics.classification_metrics import SMALLEST_PROBABILITY


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


LONGEST_TEXT = 60
"""Characters of a cell or a class that are repeated."""

_MICROSECONDS_A_DAY = 86_400_000_000


def shortened(text: str) -> str:
    """Return a text as it is, but not endless."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def number_text(number: float) -> str:
    """Return a number in five digits, or up to its point where that takes more."""
    number += 0.0  # turns -0 into 0
    return f"{number:.0f}" if 1e4 <= abs(number) < 1e15 else f"{number:.5g}"


def number_texts(numbers: Sequence[float]) -> list[str]:
    """Return numbers that differ as texts that differ: in all digits where five do not tell them apart."""
    texts = [number_text(number) for number in numbers]
    return texts if len(set(texts)) == len(set(numbers)) else [f"{number:.17g}" for number in numbers]


def date_texts(microseconds: Sequence[int]) -> list[str]:
    """Return points in time, counted from 1970, as days; with the time of day unless all are midnights."""
    are_days = all(each % _MICROSECONDS_A_DAY == 0 for each in microseconds)
    dates = pl.Series(microseconds, dtype=pl.Int64).cast(pl.Datetime("us"))
    return dates.dt.to_string("%Y-%m-%d" if are_days else "%Y-%m-%d %H:%M:%S").to_list()
