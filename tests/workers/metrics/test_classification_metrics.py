"""Metrics of labels and class probabilities agree with scikit-learn's, ties and absent classes included."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from workers.metrics.classification_metrics import (
    N_BINS,
    balanced_error,
    calibration_error,
    error,
    log_loss,
    macro_f1,
    roc_auc,
)
from workers.metrics.decision_rule import MOST_PROBABLE

Classified = tuple[NDArray[np.float64], NDArray[np.int64]]

Figure = Callable[[NDArray[np.float64], NDArray[np.int64]], float]


def of_labels(metric: Callable[[NDArray[np.int64], NDArray[np.int64]], float]) -> Figure:
    """Return a metric of labels as one of probabilities."""

    def of_most_probable(P: NDArray[np.float64], y: NDArray[np.int64]) -> float:
        return metric(MOST_PROBABLE.labels(P), y)

    return of_most_probable


ALL = [
    *map(of_labels, (error, balanced_error, macro_f1)),
    log_loss,
    roc_auc,
    calibration_error,
]


@st.composite
def classified(draw: st.DrawFn, *, n_classes: int | None = None) -> Classified:
    """Draw probabilities of few values, so that many are equal, and classes of which some may be absent."""
    k = draw(st.integers(2, 5)) if n_classes is None else n_classes
    n = draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = rng.integers(1, draw(st.sampled_from([3, 1000])), size=(n, k)).astype(np.float64)
    y = rng.integers(draw(st.integers(1, k)), size=n)
    return weights / weights.sum(axis=1, keepdims=True), y


@given(classified())
def test_error_log_loss_and_balanced_error_agree_with_scikit_learn(drawn: Classified) -> None:
    P, y = drawn
    assert error(P.argmax(axis=1), y) == pytest.approx(
        1 - sklearn.metrics.accuracy_score(y, P.argmax(axis=1))
    )
    theirs = sklearn.metrics.log_loss(y, P, labels=range(P.shape[1]))
    assert log_loss(P, y) == pytest.approx(theirs, rel=1e-12, abs=1e-15)
    recalls = sklearn.metrics.recall_score(
        y, P.argmax(axis=1), labels=np.unique(y), average=None, zero_division=np.nan
    )
    assert balanced_error(P.argmax(axis=1), y) == pytest.approx(1 - np.mean(recalls))


@given(classified())
def test_macro_f1_agrees_with_scikit_learn(drawn: Classified) -> None:
    P, y = drawn
    theirs = sklearn.metrics.f1_score(y, P.argmax(axis=1), average="macro")
    assert macro_f1(P.argmax(axis=1), y) == pytest.approx(theirs, abs=1e-15)


@given(classified(n_classes=2))
def test_roc_auc_of_two_classes_is_that_of_the_second(drawn: Classified) -> None:
    P, y = drawn
    assume(len(np.unique(y)) == 2)
    assert roc_auc(P, y) == pytest.approx(sklearn.metrics.roc_auc_score(y, P[:, 1]), abs=1e-15)


@given(classified())
def test_roc_auc_of_more_classes_is_the_mean_of_each_against_the_rest(drawn: Classified) -> None:
    P, y = drawn
    present = np.unique(y)
    assume(P.shape[1] > 2 and len(present) > 1)
    each = [sklearn.metrics.roc_auc_score(y == label, P[:, label]) for label in present]
    assert roc_auc(P, y) == pytest.approx(np.mean(each), abs=1e-15)
    if len(present) == P.shape[1]:
        theirs = sklearn.metrics.roc_auc_score(y, P, multi_class="ovr", average="macro")
        assert roc_auc(P, y) == pytest.approx(theirs, abs=1e-15)


@given(classified(), st.randoms(use_true_random=False))
def test_roc_auc_is_the_same_to_the_bit_in_any_order_of_the_examples(
    drawn: Classified, order: st.DataObject
) -> None:
    P, y = drawn
    rows = list(range(len(y)))
    order.shuffle(rows)  # type: ignore[attr-defined]  # hypothesis's Random
    assert roc_auc(P[rows], y[rows]) == roc_auc(P, y)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_of_one_class_alone_there_is_nothing_to_rank(n_classes: int) -> None:
    P = np.random.default_rng(0).dirichlet(np.ones(n_classes), 8)
    assert roc_auc(P, np.ones(8, np.int64)) == 0.5


@given(classified())
def test_the_calibration_error_is_the_sum_over_the_bins_of_its_definition(drawn: Classified) -> None:
    P, y = drawn
    confidence, right = P.max(axis=1), P.argmax(axis=1) == y
    expected = 0.0
    for k in range(1, N_BINS + 1):
        inside = [i for i, value in enumerate(confidence * N_BINS) if k - 1 < value <= k]
        if inside:
            gap = abs(np.mean(right[inside]) - np.mean(confidence[inside]))
            expected += len(inside) / len(y) * float(gap)
    assert calibration_error(P, y) == pytest.approx(expected, abs=1e-12)


def test_probabilities_that_come_true_as_often_as_they_say_are_calibrated() -> None:
    P = np.tile([0.75, 0.25], (400, 1))
    y = np.arange(400) % 4 // 3
    assert calibration_error(P, y) == pytest.approx(0)
    assert calibration_error(P, 1 - y) == pytest.approx(0.5)


@given(classified())
def test_all_are_within_their_range_and_never_nan(drawn: Classified) -> None:
    P, y = drawn
    for metric in ALL:
        assert 0 <= metric(P, y) <= (math.inf if metric is log_loss else 1)


def test_the_commonest_class_of_three_has_a_balanced_error_of_two_thirds() -> None:
    y = np.repeat([0, 1, 2], [97, 2, 1])
    P = np.tile([0.97, 0.02, 0.01], (100, 1))
    assert error(P.argmax(axis=1), y) == pytest.approx(0.03)
    assert balanced_error(P.argmax(axis=1), y) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("metric", "best"),
    [
        (of_labels(error), 0.0),
        (log_loss, 0.0),
        (of_labels(balanced_error), 0.0),
        (of_labels(macro_f1), 1.0),
        (roc_auc, 1.0),
        (calibration_error, 0.0),
    ],
)
def test_certainty_of_the_truth_is_perfect(metric: Callable[..., float], best: float) -> None:
    y = np.array([0, 2, 1, 2])
    assert metric(np.eye(3)[y], y) == best


def test_log_loss_of_an_impossible_event_is_finite_and_of_nan_is_nan() -> None:
    assert log_loss(np.array([[0.0, 1.0]], np.float32), np.array([0])) == pytest.approx(87.3, abs=0.05)
    assert math.isnan(log_loss(np.array([[np.nan, 1.0]]), np.array([0])))


@pytest.mark.parametrize("metric", ALL)
def test_predictions_of_nan_make_no_noise(metric: Callable[..., float]) -> None:
    metric(np.full((4, 3), np.nan, np.float32), np.array([0, 1, 2, 0]))  # a warning would be an error


def test_of_equal_probabilities_the_first_class_counts() -> None:
    P, y = np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([0, 1])
    assert error(P.argmax(axis=1), y) == 0.5
    assert macro_f1(P.argmax(axis=1), y) == pytest.approx(1 / 3)
