"""How trees grow: by scikit-learn's histogram gradient boosting, an iteration at a time.

scikit-learn goes on growing a model where it stands (`warm_start`), but predicts the train set with
all earlier trees again each time. So iterations are grown in blocks ahead, each longer than
the last by a factor: all that is done again then costs a constant share of the growth, and what is grown in
vain at most half. In which blocks they grow changes no bit of them.

References
----------
Ke et al. 2017, "LightGBM: A Highly Efficient Gradient Boosting Decision Tree".
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from search_spaces.boosting.point import BoostingLoss, BoostingPoint
from workers.boosting.bins import Bins, binned
from workers.boosting.trees import N_CODES, Trees, joined
from workers.one_thread import one_thread
from workers.train_dev_data import Task, TrainDevData

FIRST_BLOCK = 16
"""Iterations in the first block."""

FACTOR = 2
"""How many times as many iterations there are after each further block as before it."""


class Iteration(NamedTuple):
    """One iteration: its trees, and the train set's weighted mean loss with them."""

    trees: Trees
    train_loss: float


class Growth:
    """Boosted trees as they grow, on one thread: trials share a machine, and no sum hangs on its processors.

    Parameters
    ----------
    data
        Its train set is read.
    point
        Hyperparameters, `loss` among them as it is used.
    seed
        Decides the features that splits are chosen among.
    sample_weights
        (n_train,); None where all count alike.
    max_iterations
        No more are grown.
    """

    def __init__(
        self,
        data: TrainDevData,
        point: BoostingPoint,
        *,
        seed: int,
        sample_weights: NDArray[np.float64] | None,
        max_iterations: int,
    ) -> None:
        X = _without_empty_features(data.X_train)
        is_class = data.task is Task.CLASSIFICATION
        self._y = data.y_train if is_class else data.y_train[:, 0].astype(np.float64)
        self._weights, self._max_iterations = sample_weights, max_iterations
        self._categories = _Categories(X, data.n_categories)
        self._bins = binned(X, max_bins=point.max_bins, is_categorical=self._categories.is_categorical)
        self._loss_factor = 2.0 if point.loss is BoostingLoss.SQUARED_ERROR else 1.0  # scikit-learn has half
        estimator = HistGradientBoostingClassifier if is_class else HistGradientBoostingRegressor
        self._model: Any = estimator(
            loss=point.loss.value,
            learning_rate=point.learning_rate,
            max_leaf_nodes=point.max_leaf_nodes,
            max_depth=point.max_depth,
            min_samples_leaf=point.min_samples_leaf,
            l2_regularization=point.l2_regularization,
            max_features=point.max_features,
            max_bins=point.max_bins,
            categorical_features=self._categories.is_categorical if data.n_categories else None,
            warm_start=True,
            random_state=int(np.random.SeedSequence(seed).generate_state(1)[0]),
            # It never stops by itself, but keeps the train loss of each iteration.
            early_stopping=True,
            scoring="loss",
            validation_fraction=None,
            n_iter_no_change=max_iterations + 1,
        )
        self._n_grown = 0

    def iteration(self, number: int) -> Iteration:
        """Return an iteration, counted from 0, from 0 to `max_iterations` - 1; grow it if it is not there."""
        while number >= self._n_grown:
            self._grow()
        predictors = self._model._predictors[number]  # noqa: SLF001 (the trees stand nowhere else)
        trees = [self._categories.converted(predictor, self._bins) for predictor in predictors]
        together = joined(trees, n_raw=1)
        return Iteration(
            together._replace(roots=together.roots.reshape(1, -1)),
            train_loss=-self._loss_factor * float(self._model.train_score_[number + 1]),
        )

    @property
    def baseline(self) -> NDArray[np.float64]:
        """Raw scores without a tree (n_raw,); something must have been grown."""
        baseline: NDArray[np.float64] = self._model._baseline_prediction[0]  # noqa: SLF001 (it stands nowhere else)
        return baseline

    def _grow(self) -> None:
        n_iterations = int(self._n_grown * FACTOR) if self._n_grown else FIRST_BLOCK
        self._n_grown = min(n_iterations, self._max_iterations)
        self._model.set_params(max_iter=self._n_grown)
        with one_thread():
            self._model.fit(self._bins.X, self._y, sample_weight=self._weights)


class _Categories:
    """Features and categories as scikit-learn numbers them: those of categories first, codes that were seen.

    Parameters
    ----------
    X
        Of the train set (n_train, n_features).
    n_categories
        Of each feature, 0 of a number; or none at all.
    """

    def __init__(self, X: NDArray[np.float32], n_categories: tuple[int, ...]) -> None:
        is_categorical = (
            np.asarray(n_categories, np.int64) > 0 if n_categories else np.zeros(X.shape[1], bool)
        )
        self.is_categorical: NDArray[np.bool_] = is_categorical
        categorical = np.flatnonzero(is_categorical)
        self._features = np.concatenate([categorical, np.flatnonzero(~is_categorical)]).astype(np.int32)
        columns = (np.unique(X[:, feature]) for feature in categorical)
        self._seen = [codes[~np.isnan(codes)].astype(np.intp) for codes in columns]

    def converted(self, predictor: Any, bins: Bins) -> Trees:  # noqa: ANN401 (scikit-learn's, without annotations)
        """Return a tree of scikit-learn's."""
        nodes = predictor.nodes
        is_leaf = nodes["is_leaf"].astype(np.bool_)
        itself = np.arange(len(nodes), dtype=np.int32)
        of_categories = nodes["is_categorical"].astype(np.bool_) & ~is_leaf
        category_set = np.full(len(nodes), -1, np.int32)
        category_set[of_categories] = nodes["bitset_idx"][of_categories]
        sets = np.zeros((len(predictor.raw_left_cat_bitsets), N_CODES), np.bool_)
        for node in nodes[of_categories]:
            seen = self._seen[node["feature_idx"]]
            bits = predictor.raw_left_cat_bitsets[node["bitset_idx"]].astype("<u4").view(np.uint8)
            sets[node["bitset_idx"]] = node["missing_go_to_left"]
            sets[node["bitset_idx"], seen] = np.unpackbits(bits, bitorder="little")[: len(seen)]
        feature = np.where(is_leaf, 0, self._features[np.where(is_leaf, 0, nodes["feature_idx"])])
        threshold = np.zeros(len(nodes))
        for node in np.flatnonzero(~is_leaf & ~of_categories):
            threshold[node] = bins.threshold(feature[node], nodes["num_threshold"][node])
        return Trees(
            left=np.where(is_leaf, itself, nodes["left"]).astype(np.int32),
            right=np.where(is_leaf, itself, nodes["right"]).astype(np.int32),
            feature=feature,
            threshold=threshold,
            missing_left=nodes["missing_go_to_left"].astype(np.bool_),
            category_set=category_set,
            categories_left=np.packbits(sets, axis=1, bitorder="little"),
            value=nodes["value"].astype(np.float64),
            roots=np.zeros((1, 1), np.int32),
        )


def _without_empty_features(X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return features with 0 for one that is missing throughout: scikit-learn makes no bins of it."""
    is_empty = np.isnan(X).all(axis=0)
    if not is_empty.any():
        return X
    X = X.copy()
    X[:, is_empty] = 0
    return X
