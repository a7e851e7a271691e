"""Boosted trees as they learn, an iteration an epoch: a pure function of (data, point, seed)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from search_spaces.boosting.point import BoostingPoint
from workers.boosting.growth import Growth
from workers.boosting.loss import resolved_loss
from workers.boosting.prediction import BASELINE
from workers.boosting.trees import Trees, add_predictions, joined
from workers.failures import DeadError, TrainingFailedError, insist_on_finite
from workers.messages import State, TrainingRules
from workers.model_kind import Advance
from workers.seen_classes import CLASSES, SeenClasses, predictions_of
from workers.train_dev_data import TrainDevData


class BoostingLearner:
    """Boosted trees, the dev set's raw scores with them, and how many iterations were kept.

    Parameters
    ----------
    data
        Train and dev set.
    point
        The point to train.
    seed
        Source of all randomness: see `Growth`.
    rules
        How many iterations there are at most.

    Raises
    ------
    ValueError
        A loss that is not for this task, several targets, or a feature of more categories than there may be
        bins.
    """

    def __init__(self, data: TrainDevData, point: BoostingPoint, *, seed: int, rules: TrainingRules) -> None:
        point = point.model_copy(update={"loss": resolved_loss(point, data)})
        if max(data.n_categories, default=0) > point.max_bins:
            raise ValueError(
                f"max_bins = {point.max_bins} allows no more categories of a column,"
                f" got one of {max(data.n_categories)}"
            )
        self._data, self._point = data, point
        counts = data.class_counts
        self._seen = None if counts is None else SeenClasses(counts, point.class_balance)
        self._growth = Growth(
            data,
            point,
            seed=seed,
            sample_weights=None if self._seen is None else self._seen.sample_weights(data.y_train),
            max_iterations=rules.max_epochs,
        )
        self._iterations: list[Trees] = []
        self._dev_raw = np.empty((0, len(data.X_dev)))
        self._n_kept = 0

    def advance(self) -> Advance:
        """Add an iteration's trees.

        Raises
        ------
        TrainingFailedError
            There is nothing to learn: one class alone, or targets that are not finite.
        """
        if not self._iterations:
            self._insist_on_targets()
        trees, train_loss = self._growth.iteration(len(self._iterations))
        if not self._iterations:
            self._dev_raw = np.repeat(self._baseline[:, np.newaxis], len(self._data.X_dev), axis=1)
        self._iterations.append(trees)
        add_predictions(trees, self._data.X_dev, self._dev_raw)
        return Advance(
            train_loss=train_loss,
            train_cost=train_loss,
            details={"leaves_a_tree": trees.n_leaves / trees.roots.size},
        )

    def predict_dev(self, out: NDArray[np.float32]) -> None:
        """Write the dev set's predictions with all iterations so far into `out` (n_dev, n_outputs)."""
        classes = None if self._seen is None else self._seen.classes
        np.copyto(out, predictions_of(self._dev_raw, classes, n_outputs=self._data.n_outputs))

    def check(self, figures: Mapping[str, float]) -> None:
        """Refuse to go on after an iteration of which nothing good can come.

        Raises
        ------
        DivergedError
            A figure is NaN or infinite.
        DeadError
            No leaf can be split, so that no further iteration has one either.
        """
        point, n_iterations = self._point, len(self._iterations)
        insist_on_finite(figures, epoch=n_iterations, setting=f"learning rate {point.learning_rate:.4g}")
        n_trees = self._iterations[0].roots.size
        if n_iterations == 1 and point.max_features == 1 and self._iterations[0].n_leaves == n_trees:
            raise DeadError(
                f"no feature splits the {len(self._data.X_train):,} train examples,"
                f" with min_samples_leaf = {point.min_samples_leaf}"
            )

    def keep(self) -> None:
        """Remember how many iterations there are."""
        self._n_kept = len(self._iterations)

    @property
    def kept_state(self) -> State:
        """The trees of the iterations that were kept, and what they are added to; something must be kept."""
        baseline = self._baseline
        trees = joined(self._iterations[: self._n_kept], n_raw=len(baseline))
        classes = {} if self._seen is None else {CLASSES: self._seen.classes.copy()}
        return {BASELINE: baseline, **classes, **trees._asdict()}

    @property
    def kept_figures(self) -> Mapping[str, float]:
        """Numbers of trees and leaves, where any were kept."""
        if self._n_kept == 0:
            return {}
        n_trees = self._n_kept * self._iterations[0].roots.size
        return {
            "trees": float(n_trees),
            "leaves": float(sum(trees.n_leaves for trees in self._iterations[: self._n_kept])),
        }

    @property
    def _baseline(self) -> NDArray[np.float64]:
        """Raw scores without a tree, of the classes' own probabilities (n_raw,)."""
        return self._growth.baseline - (0.0 if self._seen is None else self._seen.offsets)

    def _insist_on_targets(self) -> None:
        if self._seen is not None:
            self._seen.insist_on_two()
        elif not np.isfinite(self._data.y_train).all():
            raise TrainingFailedError("a target of the train set is not finite")
