"""How a training can fail by itself. Such a failure is reported as data, with the reason in words."""

import math
from collections.abc import Mapping


class TrainingFailedError(ArithmeticError):
    """A training that cannot succeed; the message says why."""


class DivergedError(TrainingFailedError):
    """Training left the finite numbers."""


class DeadError(TrainingFailedError):
    """Training does not move, and cannot."""


def insist_on_finite(figures: Mapping[str, float], *, epoch: int, setting: str = "") -> None:
    """Refuse figures that are NaN or infinite.

    Parameters
    ----------
    figures
        By what they are, in words.
    epoch
        For the message.
    setting
        In words, what may have caused it; empty where nothing is suspected.

    Raises
    ------
    DivergedError
        Naming the first that is not finite.
    """
    for name, value in figures.items():
        if not math.isfinite(value):
            cause = f" ({setting})" if setting else ""
            raise DivergedError(f"diverged in epoch {epoch}: {name} became {value}{cause}")
