"""A fingerprint names a set of examples by their values, in whatever order they come."""

import struct
from hashlib import sha256

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.seal.fingerprints import fingerprint
from service.tables.examples import Examples

NAMES = ("width", "height", "depth")
rng = np.random.default_rng(7)
X = rng.normal(size=(9, 3))
LABELS = np.array([0, 1, 2] * 3, dtype=np.int64)
CLASSES = ("cat", "dog", "eel")


def examples(X: NDArray[np.float64], y: NDArray[np.int64] | NDArray[np.float64]) -> Examples:
    return Examples(X, y, np.arange(len(y)))


BEFORE = fingerprint(examples(X, LABELS), feature_names=NAMES, class_names=CLASSES)


@given(st.permutations(range(9)), st.permutations(range(3)), st.permutations(range(3)))
def test_the_order_of_rows_columns_and_class_indices_does_not_matter(
    rows: list[int], columns: list[int], labels: list[int]
) -> None:
    renumbered = np.argsort(labels)[LABELS]  # class `c` of CLASSES is now called index argsort(labels)[c]
    moved = examples(X[rows][:, columns], renumbered[rows])
    names = [NAMES[column] for column in columns]
    classes = [CLASSES[label] for label in labels]
    assert fingerprint(moved, feature_names=names, class_names=classes) == BEFORE


@given(st.integers(0, 8), st.integers(0, 2))
def test_the_last_bit_of_any_value_matters(row: int, column: int) -> None:
    changed = X.copy()
    changed[row, column] = np.nextafter(changed[row, column], np.inf)
    assert fingerprint(examples(changed, LABELS), feature_names=NAMES, class_names=CLASSES) != BEFORE


def test_a_target_and_a_repeated_row_matter() -> None:
    other = LABELS.copy()
    other[0] = 1
    assert fingerprint(examples(X, other), feature_names=NAMES, class_names=CLASSES) != BEFORE
    twice = examples(np.vstack([X, X[:1]]), np.append(LABELS, LABELS[0]))
    assert fingerprint(twice, feature_names=NAMES, class_names=CLASSES) != BEFORE


def test_columns_that_swap_their_names_make_another_set() -> None:
    swapped = ("height", "width", "depth")
    assert fingerprint(examples(X, LABELS), feature_names=swapped, class_names=CLASSES) != BEFORE


def test_minus_zero_is_zero_in_features_and_targets() -> None:
    zeros = [
        fingerprint(examples(np.array([[zero]]), np.array([zero])), feature_names=("a",), class_names=())
        for zero in (0.0, -0.0)
    ]
    assert zeros[0] == zeros[1]


def test_the_fingerprint_is_sha256_as_the_docstring_spells_it() -> None:
    rows = sorted(
        sha256(row).digest() for row in (struct.pack("<2d", 2, 1) + b"n", struct.pack("<2d", 4, 3) + b"y")
    )
    two = examples(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0, 1]))
    assert (
        fingerprint(two, feature_names=("b", "a"), class_names=("n", "y"))
        == sha256(b"".join(rows)).hexdigest()
    )
