"""Flat arrays cut into blocks that stay in the processor's cache while several passes go over them."""

import numpy as np
from numpy.typing import NDArray

BLOCK_LENGTH = 65_536
"""Entries of each array in a block: of Adam's five arrays 1.3 MB of float32."""


def blocks(*arrays: NDArray[np.floating]) -> list[tuple[NDArray[np.floating], ...]]:
    """Return views of the arrays, all (n,), as a tuple a block; last in each, room that all blocks share.

    Elementwise work block by block gives the same bits as on the whole, and needs room for one block only.
    """
    n = len(arrays[0])
    scratch = np.empty(min(BLOCK_LENGTH, n), arrays[0].dtype)
    return [
        (*(array[start : start + BLOCK_LENGTH] for array in arrays), scratch[: n - start])
        for start in range(0, n, BLOCK_LENGTH)
    ]
