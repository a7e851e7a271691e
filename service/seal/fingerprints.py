"""A name for a set of examples that their values alone decide: neither the order of rows nor of columns."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from service.tables.examples import Examples


def fingerprint(examples: Examples, *, feature_names: Sequence[str], class_names: Sequence[str]) -> str:
    """Return 64 hexadecimal digits that equal sets of examples share, and others do not.

    SHA-256 over the sorted SHA-256 digests of the rows. A row is its features in the order of their
    columns' names, then its target: the class's name in UTF-8, or the number.

    It recognizes the same test set when it comes again; it is no lock. Dropping a column or rounding a
    value makes another set of it.

    Parameters
    ----------
    examples
        The set, in any order.
    feature_names
        One name a column of X.
    class_names
        Name of each class index; empty in regression.
    """
    by_name = sorted(range(len(feature_names)), key=lambda column: feature_names[column])
    features = np.ascontiguousarray(examples.X[:, by_name], dtype="<f8") + 0.0  # -0.0 and 0.0 are one value
    if class_names:
        labels = [name.encode() for name in class_names]
        targets = [labels[index] for index in examples.y.tolist()]
    else:
        targets = [target.tobytes() for target in np.asarray(examples.y, dtype="<f8") + 0.0]
    digests = sorted(
        sha256(row.tobytes() + target).digest() for row, target in zip(features, targets, strict=True)
    )
    return sha256(b"".join(digests)).hexdigest()
