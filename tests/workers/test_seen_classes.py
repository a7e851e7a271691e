"""Weights of the classes that a train set has, and probabilities of raw scores."""

import numpy as np
import pytest

from workers.failures import TrainingFailedError
from workers.seen_classes import SeenClasses, probabilities, softmax


def test_probabilities_are_the_softmax_of_the_scores_of_classes_that_were_seen() -> None:
    raw = np.log([[1.0, 1.0], [2.0, 1.0], [5.0, 2.0]])
    expected = [[1 / 8, 0, 2 / 8, 5 / 8], [1 / 4, 0, 1 / 4, 2 / 4]]
    found = probabilities(raw, np.array([0, 2, 3]), n_outputs=4)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found.dtype == np.float32


def test_of_two_classes_one_score_is_the_log_odds_of_the_second() -> None:
    found = probabilities(np.log([[3.0, 1e-30]]), np.array([0, 2]), n_outputs=3)
    np.testing.assert_allclose(found, [[0.25, 0, 0.75], [1, 0, 1e-30]], rtol=1e-6)


def test_scores_of_any_size_have_probabilities() -> None:
    with np.errstate(under="ignore"):
        found = probabilities(np.array([[1e6, -1e6], [0.0, 0.0], [0.0, 1e3]]), np.arange(3), n_outputs=3)
    np.testing.assert_array_equal(found, [[1, 0, 0], [0, 0, 1]])


def test_an_example_has_the_same_probabilities_alone() -> None:
    raw = np.random.default_rng(0).standard_normal((19, 50))
    alone = [softmax(raw[:, [place]]) for place in range(50)]
    np.testing.assert_array_equal(np.hstack(alone), softmax(raw))


@pytest.mark.parametrize("counts", [(10, 30), (10, 30, 60), (10, 0, 30), (10, 0, 30, 60)])
def test_offsets_turn_weighted_odds_into_the_classes_own(counts: tuple[int, ...]) -> None:
    seen = SeenClasses(np.array(counts), 0.7)
    y = np.repeat(np.arange(len(counts)), counts)
    weights = seen.sample_weights(y)
    assert weights is not None
    assert weights.mean() == pytest.approx(1)
    weighted = np.array([weights[y == k].sum() for k in seen.classes])
    raw = np.log(weighted[1:] / weighted[:1]) if len(weighted) == 2 else np.log(weighted)

    found = probabilities((raw - seen.offsets)[:, np.newaxis], seen.classes, n_outputs=len(counts))

    np.testing.assert_allclose(found[0], np.array(counts) / sum(counts), rtol=1e-6)


def test_without_balance_there_are_no_weights() -> None:
    seen = SeenClasses(np.array([3, 0, 9]), 0.0)
    assert seen.sample_weights(np.array([0, 2])) is None
    np.testing.assert_array_equal(seen.offsets, 0)


def test_one_class_alone_is_refused_when_it_comes_to_learning() -> None:
    SeenClasses(np.array([3, 9]), 0.0).insist_on_two()
    with pytest.raises(TrainingFailedError, match="one class alone"):
        SeenClasses(np.array([0, 9]), 0.0).insist_on_two()
