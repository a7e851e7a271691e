"""A linear model as it learns, all in its first epoch: a pure function of (data, point, seed)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from search_spaces.linear.point import LinearPoint
from workers.failures import insist_on_finite
from workers.linear.fit import Fit, fit
from workers.linear.prediction import COEFFICIENTS, INTERCEPTS, predict
from workers.messages import State, TrainingRules
from workers.metrics.classification_metrics import SMALLEST_PROBABILITY
from workers.model_kind import Advance
from workers.seen_classes import CLASSES, SeenClasses
from workers.train_dev_data import TrainDevData


class LinearLearner:
    """A linear model, fitted once: further epochs change nothing.

    Parameters
    ----------
    data
        Train and dev set.
    point
        The point to train.
    seed
        Source of all randomness: see `fit`.
    rules
        Not looked at.
    """

    def __init__(
        self,
        data: TrainDevData,
        point: LinearPoint,
        *,
        seed: int,
        rules: TrainingRules,  # noqa: ARG002 (one epoch is always allowed)
    ) -> None:
        self._data, self._point, self._seed = data, point, seed
        counts = data.class_counts
        self._seen = None if counts is None else SeenClasses(counts, point.class_balance)
        self._fitted: tuple[Fit, Advance] | None = None
        self._epochs = 0

    def advance(self) -> Advance:
        """Fit the model, unless it is.

        Raises
        ------
        TrainingFailedError
            There is nothing to learn, or something is not finite.
        """
        if self._fitted is None:
            self._fitted = self._fit()
        self._epochs += 1
        return self._fitted[1]

    def predict_dev(self, out: NDArray[np.float32]) -> None:
        """Write the dev set's predictions into `out` (n_dev, n_outputs)."""
        np.copyto(out, predict(self.kept_state, self._data.X_dev, n_outputs=self._data.n_outputs))

    def check(self, figures: Mapping[str, float]) -> None:
        """Refuse figures that are not finite.

        Raises
        ------
        DivergedError
            One is NaN or infinite.
        """
        insist_on_finite(figures, epoch=self._epochs, setting=f"strength {self._point.strength:.4g}")

    def keep(self) -> None:
        """Do nothing: there is one model."""

    @property
    def kept_state(self) -> State:
        """The fitted model's coefficients and intercepts; it must be fitted."""
        if self._fitted is None:
            raise RuntimeError("a linear model has no state before its first epoch")
        coefficients, intercepts = self._fitted[0]
        if self._seen is None:
            return {COEFFICIENTS: coefficients, INTERCEPTS: intercepts}
        return {
            COEFFICIENTS: coefficients,
            INTERCEPTS: intercepts - self._seen.offsets,
            CLASSES: self._seen.classes,
        }

    @property
    def kept_figures(self) -> Mapping[str, float]:
        """Share of the coefficients that are exactly 0, where any are."""
        if self._fitted is None:
            return {}
        share = float(np.mean(self._fitted[0].coefficients == 0))
        return {"zero_share": share} if share else {}

    def _fit(self) -> tuple[Fit, Advance]:
        data, seen, weights = self._data, self._seen, None
        if seen is not None:
            seen.insist_on_two()
            weights = seen.sample_weights(data.y_train)
        fitted = fit(data, self._point, seed=self._seed, sample_weights=weights)
        loss = self._train_loss(fitted, weights)
        penalty = _penalty(fitted.coefficients, self._point) / len(data.X_train)
        # Squared errors are reported whole, as those of networks are, and minimized by half.
        return fitted, Advance(loss, loss + (2 * penalty if seen is None else penalty))

    def _train_loss(self, fitted: Fit, weights: NDArray[np.float64] | None) -> float:
        """Return the mean loss that was minimized, of the odds that class weights give, if any."""
        data = self._data
        state: State = {COEFFICIENTS: fitted.coefficients, INTERCEPTS: fitted.intercepts}
        if self._seen is not None:
            state = {**state, CLASSES: self._seen.classes}
        predictions = predict(state, data.X_train, n_outputs=data.n_outputs)
        if self._seen is None:
            return float(np.mean(np.square(predictions - data.y_train, dtype=np.float64)))
        of_own_class = np.take_along_axis(predictions, data.y_train.astype(np.int64)[:, np.newaxis], axis=1)
        losses = -np.log(np.maximum(of_own_class[:, 0], SMALLEST_PROBABILITY), dtype=np.float64)
        return float(np.average(losses, weights=weights))


def _penalty(coefficients: NDArray[np.float64], point: LinearPoint) -> float:
    """Return strength * (l1_ratio * sum |w| + (1 - l1_ratio) / 2 * sum w**2)."""
    lasso, ridge = np.abs(coefficients).sum(), np.square(coefficients).sum() / 2
    return float(point.strength * (point.l1_ratio * lasso + (1 - point.l1_ratio) * ridge))
