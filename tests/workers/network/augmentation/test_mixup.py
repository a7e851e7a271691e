"""Mixup mixes features and targets of a pair by one share, drawn from the distribution asked for."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workers.network.augmentation.mixup import Mixup


def mixup(
    alpha: float = 0.4,
    *,
    n_features: int = 5,
    largest_batch: int = 64,
    dtype: type[np.floating] = np.float64,
) -> Mixup:
    return Mixup(
        alpha, n_features=n_features, largest_batch=largest_batch, seed=np.random.SeedSequence(6), dtype=dtype
    )


def one_hot(n_examples: int, n_classes: int) -> np.ndarray:
    return np.eye(n_classes)[np.arange(n_examples) % n_classes]


@pytest.mark.parametrize("alpha", [0.1, 0.4, 1.0, 8.0])
def test_shares_have_the_moments_of_the_mirrored_beta_within_4_standard_errors(alpha: float) -> None:
    """Mirroring loses nothing of |share - 1/2|, of which Beta(a, a) has these moments."""
    _, shares = mixup(alpha).draw(200_000)
    second = 1 / (4 * (2 * alpha + 1))
    fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3))
    for power, expected in ((2, second), (4, fourth)):
        centered = (shares - 0.5) ** power
        assert abs(centered.mean() - expected) < 4 * centered.std() / math.sqrt(len(centered))


@pytest.mark.parametrize("alpha", [1e-300, 1e-6, 0.2, 1.0, 50.0, 1e300])
def test_shares_are_between_one_half_and_1_for_any_alpha(alpha: float) -> None:
    _, shares = mixup(alpha).draw(1000)
    assert shares.min() >= 0.5
    assert shares.max() <= 1


def test_each_example_is_partner_once() -> None:
    partners, _ = mixup().draw(64)
    np.testing.assert_array_equal(np.sort(partners), np.arange(64))


def test_all_24_permutations_of_4_examples_are_equally_probable() -> None:
    """Chi-squared at 1e-4."""
    tested = mixup()
    counts = Counter(tuple(tested.draw(4)[0]) for _ in range(2400))
    assert len(counts) == 24
    assert stats.chisquare(list(counts.values())).pvalue > 1e-4


def test_features_and_targets_are_mixed_by_the_same_share_with_the_same_partner() -> None:
    X, targets = np.random.default_rng(1).normal(size=(64, 5)), one_hot(64, 3)
    old_X, old_targets = X.copy(), targets.copy()
    mixup().apply(X, targets)
    partners, shares = mixup().draw(64)
    for old, new in ((old_X, X), (old_targets, targets)):
        expected = [s * row + (1 - s) * old[p] for row, p, s in zip(old, partners, shares, strict=True)]
        np.testing.assert_allclose(new, expected, rtol=0, atol=1e-14)
    assert np.abs(X - old_X).max() > 0.1


@given(st.integers(1, 64), st.integers(1, 10), st.floats(0.05, 20))
def test_targets_keep_their_sum_and_their_most_probable_class(
    n_examples: int, n_classes: int, alpha: float
) -> None:
    targets = one_hot(n_examples, n_classes).astype(np.float32)
    mixup(alpha, dtype=np.float32).apply(np.zeros((n_examples, 5), np.float32), targets)
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    own = targets[np.arange(n_examples), np.arange(n_examples) % n_classes]
    assert (own >= 0.5 - 1e-6).all()


def test_mixtures_of_the_same_stay_the_same() -> None:
    X, targets = np.tile(np.arange(5.0), (64, 1)), np.ones((64, 1))
    mixup().apply(X, targets)
    np.testing.assert_array_equal(X, np.tile(np.arange(5.0), (64, 1)))
    np.testing.assert_array_equal(targets, 1)


def test_one_example_alone_stays_as_it_is() -> None:
    X, targets = np.arange(5.0)[np.newaxis], np.array([[0.0, 1.0]])
    mixup().apply(X, targets)
    np.testing.assert_array_equal(X, np.arange(5.0)[np.newaxis])
    np.testing.assert_array_equal(targets, [[0.0, 1.0]])
