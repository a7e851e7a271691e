"""Fits of linear models by scikit-learn: coefficients and intercepts, on one thread."""

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

from search_spaces.linear.point import LinearPoint
from workers.failures import TrainingFailedError
from workers.one_thread import one_thread
from workers.train_dev_data import Task, TrainDevData

MAX_STEPS = 500
"""A solver ends after so many, whether or not it has converged: a fixed setting like others."""


class Fit(NamedTuple):
    """What was fitted: raw scores are X @ coefficients.T + intercepts.

    Attributes
    ----------
    coefficients
        float64 (n_raw, n_features).
    intercepts
        float64 (n_raw,).
    """

    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]


def fit(
    data: TrainDevData, point: LinearPoint, *, seed: int, sample_weights: NDArray[np.float64] | None
) -> Fit:
    """Fit a model to a train set.

    Parameters
    ----------
    data
        Its train set is read.
    point
        Strength and sort of regularization.
    seed
        Order of the examples for the solver of logistic regressions with L1.
    sample_weights
        (n_train,); None where all count alike. None in regression.

    Raises
    ------
    TrainingFailedError
        Something is not finite: the train set, or what was fitted.
    """
    X, y = data.X_train.astype(np.float64), data.y_train
    if not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise TrainingFailedError("the train set has features or targets that are not finite")
    estimator = _estimator(data, point, seed=int(np.random.SeedSequence(seed).generate_state(1)[0]))
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged, or ill-conditioned: the dev set judges it
        try:
            if data.task is Task.CLASSIFICATION:
                estimator.fit(X, y, sample_weight=sample_weights)
            else:
                estimator.fit(X, y.astype(np.float64))
        except ValueError as error:  # a solver that overflows
            raise TrainingFailedError(f"the fit failed: {error}") from error
    fitted = Fit(np.atleast_2d(estimator.coef_), np.atleast_1d(estimator.intercept_))
    if not all(np.isfinite(array).all() for array in fitted):
        raise TrainingFailedError(f"a coefficient is not finite (strength {point.strength:.4g})")
    return fitted


def _estimator(data: TrainDevData, point: LinearPoint, *, seed: int) -> Any:  # noqa: ANN401 (scikit-learn's)
    is_ridge = point.l1_ratio == 0
    if data.task is Task.CLASSIFICATION:
        return LogisticRegression(
            C=1 / point.strength,
            l1_ratio=point.l1_ratio,
            solver="lbfgs" if is_ridge else "saga",
            max_iter=MAX_STEPS,
            random_state=seed,
        )
    if is_ridge:
        return Ridge(alpha=point.strength)
    alpha = point.strength / len(data.X_train)
    return ElasticNet(alpha=alpha, l1_ratio=point.l1_ratio, max_iter=MAX_STEPS)
