"""Warnings of Optuna's that tell a study nothing new."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from optuna.exceptions import ExperimentalWarning


@contextmanager
def known_warnings_off() -> Iterator[None]:
    """Silence that a sampler may change in a later release, and that trials which failed are infinitely bad.

    Optuna is pinned; and it is the view that shows failed trials so.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        warnings.filterwarnings("ignore", "Clip non-finite values")
        yield
