"""Classes as people hold them in Python, named as the command names them."""

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import column_or_1d

from service.python.door_warnings import warn
from service.python.object_cells import is_missing
from service.tables.cells import shown


def class_labels(y: Any) -> NDArray[Any]:  # noqa: ANN401 (an array, a list, or a column of any data frame)
    """Return labels without spaces at the ends of texts, (n_examples,); what is missing as NaN.

    Parameters
    ----------
    y
        Classes of any type (n_examples,).

    Raises
    ------
    ValueError
        They are no column.
    """
    dtype = getattr(y, "dtype", None)
    if dtype is not None and hasattr(dtype, "numpy_dtype") and not y.isna().any():
        y = y.to_numpy(dtype=dtype.numpy_dtype)  # scikit-learn would make floats of pandas' own integers
    labels: NDArray[Any] = column_or_1d(y, warn=True)
    if labels.dtype.kind == "U":
        return np.char.strip(labels)
    if labels.dtype != object:
        return labels
    cells = [_label(label) for label in labels.tolist()]
    stripped = np.empty(len(cells), dtype=object)
    stripped[:] = cells
    return stripped


def warn_of_merged_labels(y: Any) -> None:  # noqa: ANN401 (as above)
    """Say which labels are one class, as they differ in spaces at their ends alone.

    Parameters
    ----------
    y
        Classes as they were given (n_examples,).
    """
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for given in set(np.asarray(y, dtype=object).ravel().tolist()):
        if isinstance(given, str):
            spellings[given.strip()].add(given)
    warn(
        *(
            f"classes {', '.join(map(shown, sorted(different)))} count as one: spaces at the"
            " ends of a name are ignored"
            for _, different in sorted(spellings.items())
            if len(different) > 1
        )
    )


def _label(label: Any) -> Any:  # noqa: ANN401 (any object)
    if isinstance(label, str):
        return label.strip()
    return np.nan if is_missing(label, "y") else label
