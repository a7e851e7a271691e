"""Noise has the deviation asked for, the shape of the normal distribution, and no end of numbers."""

import math

import numpy as np
import pytest
from scipy import stats

from workers.network.augmentation.feature_noise import NUMBERS_AT_ONCE, FeatureNoise


def noise(
    deviation: float, *, shape: tuple[int, int] = (200, 300), dtype: type[np.floating] = np.float32
) -> np.ndarray:
    X = np.zeros(shape, dtype)
    FeatureNoise(deviation, seed=np.random.SeedSequence(4), dtype=dtype).apply(X)
    return X


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("deviation", [0.01, 0.5, 3.0])
def test_mean_and_deviation_are_within_4_standard_errors(deviation: float, dtype: type[np.floating]) -> None:
    drawn = noise(deviation, dtype=dtype).astype(np.float64)
    assert abs(drawn.mean()) < 4 * deviation / math.sqrt(drawn.size)
    assert abs(drawn.std() - deviation) < 4 * deviation / math.sqrt(2 * drawn.size)


def test_the_distribution_is_normal() -> None:
    assert stats.kstest(noise(2.0).ravel(), stats.norm(scale=2.0).cdf).pvalue > 1e-4


def test_noise_is_added_to_what_is_there() -> None:
    X = np.random.default_rng(0).normal(size=(200, 300)).astype(np.float32)
    expected = X + noise(0.5)
    FeatureNoise(0.5, seed=np.random.SeedSequence(4)).apply(X)
    np.testing.assert_array_equal(X, expected)


def test_blocks_and_batches_are_independent() -> None:
    drawn = noise(1.0, shape=(4, NUMBERS_AT_ONCE))
    correlations = np.corrcoef(drawn)[np.triu_indices(4, k=1)]
    assert np.abs(correlations).max() < 4.5 / math.sqrt(NUMBERS_AT_ONCE)


def test_features_that_are_not_contiguous_are_refused() -> None:
    with pytest.raises(ValueError, match="copy"):
        FeatureNoise(1.0, seed=np.random.SeedSequence(4)).apply(np.zeros((4, 6), np.float32).T)
