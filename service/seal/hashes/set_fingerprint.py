"""A name for a set of rows that their hashes alone decide, in whatever order they come."""

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from service.seal.hashes.hash_order import hash_order


def fingerprint_of(hashes: NDArray[np.uint64]) -> str:
    """Return 64 hexadecimal digits that equal sets of rows share, and others do not.

    SHA-256 over the rows' hashes, sorted by their first and then their second word, each word in eight bytes
    of which the least comes first. A row that is there twice counts twice.

    It recognizes the same test set when it comes again; it is no lock. Dropping a column or rounding a value
    makes another set of it.

    Parameters
    ----------
    hashes
        What `row_hashes` returns, shape (n_rows, 2).
    """
    in_order = hashes[hash_order(hashes[:, 0], hashes[:, 1])]
    return sha256(in_order.astype("<u8").tobytes()).hexdigest()
