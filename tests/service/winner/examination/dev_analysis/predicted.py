"""Dev examples and predictions, put together by hand for a test."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from service.data.preparation.dev_examples import DevExamples
from service.winner.examination.dev_analysis.predicted_examples import PredictedClasses, PredictedNumbers
from workers.metrics.decision_rule import MOST_PROBABLE


def examples(
    n: int,
    values: pl.DataFrame | None = None,
    rows: Sequence[int] | None = None,
    ids: pl.DataFrame | None = None,
) -> DevExamples:
    """Return dev examples that are the first rows of a file, unless their rows are given."""
    return DevExamples(
        positions=np.arange(n),
        rows=np.arange(1, n + 1) if rows is None else np.array(rows),
        file="table.csv",
        values=pl.DataFrame() if values is None else values,
        ids=pl.DataFrame() if ids is None else ids,
        n_columns_left_out=0,
    )


def classes(y: Sequence[int], probabilities: ArrayLike, names: Sequence[str] = "abc") -> PredictedClasses:
    """Return examples of classes `a`, `b`, `c`, or of others."""
    P = np.asarray(probabilities, dtype=np.float32)
    labels = MOST_PROBABLE.labels(P)
    return PredictedClasses(examples(len(y)), np.array(y), P, labels, tuple(names[: P.shape[1]]), None)


def named(y: Sequence[int], taken_for: Sequence[int], names: Sequence[str] = "abc") -> PredictedClasses:
    """Return examples that are taken for classes, for sure."""
    return classes(y, np.eye(len(names))[np.array(taken_for)], names)


def numbers(y: ArrayLike, predictions: ArrayLike) -> PredictedNumbers:
    """Return examples of a regression."""
    actual = np.asarray(y, dtype=np.float64)
    return PredictedNumbers(examples(len(actual)), actual, np.asarray(predictions, dtype=np.float64), None)
