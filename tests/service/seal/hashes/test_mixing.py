"""Scrambling loses nothing, is what its source prints, and differs by key."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.seal.hashes.mixing import key_of, scrambled


def test_it_is_the_finalizer_of_splitmix64() -> None:
    """The first values of SplitMix64 with seed 0 are widely printed; its state advances by a fixed step."""
    step = 0x9E3779B97F4A7C15
    states = np.array([step, 2 * step % 2**64, 3 * step % 2**64], dtype=np.uint64)
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert scrambled(states, key=np.uint64(0)).tolist() == expected


@given(st.sets(st.integers(0, 2**64 - 1), min_size=2), st.integers(0, 2**64 - 1))
def test_no_two_words_become_one_and_the_given_ones_are_left_alone(words: set[int], key: int) -> None:
    given_words = np.array(sorted(words), dtype=np.uint64)
    assert len(np.unique(scrambled(given_words, key=np.uint64(key)))) == len(words)
    assert given_words.tolist() == sorted(words)


def test_keys_differ_by_purpose_and_seed_and_stay_what_they_are() -> None:
    keys = [
        key_of("split", 0),
        key_of("split", 1),
        key_of("folds", 0, 1),
        key_of("folds", 1, 0),
        key_of("split", 2**70),
    ]
    assert len(set(keys)) == 5
    assert key_of("split", 0) == 0x35B7E1ECFF03EEB4
