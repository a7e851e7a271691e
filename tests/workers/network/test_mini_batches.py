"""Mini-batches: every example once an epoch, in a new order, without a copy of the train set."""

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workers.network.mini_batches import MiniBatches


def batches(n_examples: int, batch_size: int, *, n_features: int = 3, seed: int = 0) -> MiniBatches:
    X = np.repeat(np.arange(n_examples, dtype=np.float32)[:, np.newaxis], n_features, axis=1)
    X.setflags(write=False)
    return MiniBatches(X, np.arange(n_examples), batch_size=batch_size, seed=np.random.SeedSequence(seed))


def epoch(made: MiniBatches) -> list[int]:
    """Return the examples in their order, X and y together."""
    order: list[int] = []
    for X, y in made.gathered():
        np.testing.assert_array_equal(X, np.repeat(y[:, np.newaxis], X.shape[1], axis=1))
        order.extend(y.tolist())
    return order


@given(st.integers(1, 300), st.integers(1, 50), st.sampled_from([1, 3000]))
def test_an_epoch_shows_every_example_once_in_whole_mini_batches(
    n_examples: int, batch_size: int, n_features: int
) -> None:
    made = batches(n_examples, min(batch_size, n_examples), n_features=n_features)
    assert sorted(epoch(made)) == list(range(n_examples))
    assert made.n_gathered == n_examples or made.n_gathered % made.batch_size == 0
    assert len(made) == len(range(0, n_examples, made.batch_size))


def test_orders_differ_from_epoch_to_epoch_and_repeat_with_the_seed() -> None:
    made = batches(100, 10)
    first, second = epoch(made), epoch(made)
    assert first != second != list(range(100))
    assert epoch(batches(100, 10)) == first
    assert epoch(batches(100, 10, seed=1)) != first


def test_a_large_train_set_is_not_copied() -> None:
    X = np.zeros((100_000, 50), np.float32)
    tracemalloc.start()
    made = MiniBatches(X, np.zeros(100_000, np.int64), batch_size=64, seed=np.random.SeedSequence(0))
    for _ in made.gathered():
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < X.nbytes / 10
