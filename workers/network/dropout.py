"""Inverted dropout: a random mask over the features or over each hidden layer's units, for training only.

A unit is kept with probability keep-prob and then divided by it, so that its expectation is what it would
be without dropout and prediction needs no correction (Srivastava et al. 2014, "Dropout: A Simple Way to
Prevent Neural Networks from Overfitting", section 10).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORDS_AT_ONCE = 4096
"""Random 64-bit words drawn at a time, a constant: whatever the network, drawing takes 32 KiB."""


class Dropout:
    """Masks of some layers' units, or of the features, drawn anew for each mini-batch.

    A unit is kept where 16 random bits, as a number, are below a threshold: half the cost of a float32
    uniform. 16 bits bring the keep rate within 2**-17 of any keep-prob; 8 would be off by up to 2**-9,
    more than a fine search over keep-prob should lose. What is divided by is the rate that the threshold
    really gives, so the expectation is exact.

    Attributes
    ----------
    keep_rate
        The probability that is applied: keep-prob to the nearest multiple of 2**-16 that is not 0.
    """

    def __init__(
        self,
        widths: Sequence[int],
        keep_prob: float,
        *,
        largest_batch: int,
        bits: np.random.BitGenerator,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self._highest_kept, self._factor = np.empty((), np.uint16), np.empty((), dtype)
        self.set_keep_prob(keep_prob)
        self._is_kept = np.empty(4 * WORDS_AT_ONCE, np.bool_)
        self._bits = bits
        n_words = -(-largest_batch * sum(widths) // 4)  # four masks' entries a word, rounded up
        self._flat = np.ones(4 * n_words, dtype)
        ends = np.cumsum([largest_batch * width for width in widths])
        self._masks = [
            self._flat[end - largest_batch * width : end].reshape(largest_batch, width)
            for width, end in zip(widths, ends, strict=True)
        ]

    def set_keep_prob(self, keep_prob: float) -> None:
        """Draw masks of another keep-prob from now on; at 1 they are all ones."""
        kept_of_65536 = max(1, round(keep_prob * 65536))
        self.keep_rate = kept_of_65536 / 65536
        self._highest_kept[()] = kept_of_65536 - 1
        self._factor[()] = 1 / self.keep_rate

    def draw(self, n_examples: int) -> list[NDArray[np.floating]]:
        """Return fresh masks, one a layer, (n_examples, n_units): 0 or 1 / `keep_rate`.

        They are views of one buffer, valid until the next draw.
        """
        for start in range(0, len(self._flat), 4 * WORDS_AT_ONCE):
            masks = self._flat[start : start + 4 * WORDS_AT_ONCE]
            numbers = self._bits.random_raw(len(masks) // 4).view(np.uint16)
            is_kept = self._is_kept[: len(masks)]
            np.less_equal(numbers, self._highest_kept, out=is_kept)
            masks[...] = is_kept  # a comparison that converts on the way takes longer
            masks *= self._factor
        return [mask[:n_examples] for mask in self._masks]
