"""By how much predicted numbers are off."""

import numpy as np

from service.winner.examination.dev_analysis.predicted_set import PredictedNumbers
from service.winner.examination.dev_analysis.values import Residuals

MOST_POINTS = 300
"""A picture of more shows no more."""

PERCENTS = (5, 25, 50, 75, 95)


def residuals_of(predicted: PredictedNumbers, *, seed: int, most_points: int = MOST_POINTS) -> Residuals:
    """Draw points for a picture, and tell the quantiles of all residuals.

    Parameters
    ----------
    predicted
        The dev examples.
    seed
        Source of what is drawn.
    most_points
        Most points to draw.
    """
    n = len(predicted.y)
    drawn = np.arange(n)
    if n > most_points:
        rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"residuals")]))
        drawn = np.sort(rng.choice(n, most_points, replace=False))
    points = np.column_stack([predicted.y, predicted.predictions])[drawn]
    quantiles = np.percentile(predicted.residuals, PERCENTS)
    return Residuals(
        points=tuple(map(tuple, points.tolist())),
        quantiles={f"{percent} %": float(at) for percent, at in zip(PERCENTS, quantiles, strict=True)},
    )
