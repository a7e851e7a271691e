"""Which epoch was the best on the dev set, and whether it is worth waiting for a better one."""

import math
from dataclasses import dataclass


@dataclass(slots=True)
class EarlyStopping:
    """Follows the dev metric, lower is better; at an equal metric a lower dev loss is better.

    The loss decides because an error counts few examples and stands still while a network still learns. Of
    epochs that are equal in both, the earliest is the best. (Prechelt 1998, "Early Stopping - But When?";
    its criterion UP, with a bound on the epochs since the best instead of on successive rises.)

    Attributes
    ----------
    patience
        Epochs without improvement after which to stop; at least 1.
    epochs
        Epochs seen.
    best_epoch, best_metric, best_loss
        The best epoch, counted from 1, and its dev figures; 0 and infinities before the first.

    Raises
    ------
    ValueError
        A patience below 1.
    """

    patience: int
    epochs: int = 0
    best_epoch: int = 0
    best_metric: float = math.inf
    best_loss: float = math.inf

    def __post_init__(self) -> None:
        if self.patience < 1:
            raise ValueError(f"patience needs at least 1 epoch, got {self.patience}")

    def observe(self, *, metric: float, loss: float) -> bool:
        """Take in one epoch's dev figures; return whether the epoch is the best so far."""
        self.epochs += 1
        if (metric, loss) >= (self.best_metric, self.best_loss):
            return False
        self.best_epoch, self.best_metric, self.best_loss = self.epochs, metric, loss
        return True

    @property
    def patience_is_used_up(self) -> bool:
        """Whether the last `patience` epochs brought no improvement."""
        return self.epochs - self.best_epoch >= self.patience
