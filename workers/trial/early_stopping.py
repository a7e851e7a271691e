"""Which epoch was the best on the dev set, and whether it is worth waiting for a better one."""

import math
from dataclasses import dataclass


@dataclass(slots=True)
class EarlyStopping:
    """Follows the watched metric's badness, lower is better; at an equal one a lower dev loss is better.

    The loss decides because an error counts few examples and stands still while a network still learns. Of
    epochs that are equal in both, the earliest is the best. (Prechelt 1998, "Early Stopping - But When?";
    its criterion UP, with a bound on the epochs since the last gain instead of on successive rises.)

    Attributes
    ----------
    patience
        Epochs without improvement after which to stop; at least 1.
    min_gain
        How much lower than at the last improvement the badness must be to count as one for patience; with 0,
        whenever there is a new best epoch. The best epoch itself is the best by however little.
    epochs
        Epochs seen.
    best_epoch, best_badness, best_loss
        The best epoch, counted from 1, and its dev figures; 0 and infinities before the first.
    """

    patience: int
    min_gain: float = 0.0
    epochs: int = 0
    best_epoch: int = 0
    best_badness: float = math.inf
    best_loss: float = math.inf
    _improved_at: int = 0
    _improved_to: float = math.inf

    def observe(self, *, badness: float, loss: float) -> bool:
        """Take in one epoch's dev figures; return whether the epoch is the best so far."""
        self.epochs += 1
        if (badness, loss) >= (self.best_badness, self.best_loss):
            return False
        self.best_epoch, self.best_badness, self.best_loss = self.epochs, badness, loss
        if self.min_gain == 0 or badness < self._improved_to - self.min_gain:
            self._improved_at, self._improved_to = self.epochs, badness
        return True

    @property
    def earliest_stop(self) -> int:
        """The fewest epochs after which patience may be used up; the first epoch always brings a gain."""
        return max(self._improved_at, 1) + self.patience

    @property
    def patience_is_used_up(self) -> bool:
        """Whether the last `patience` epochs brought no improvement."""
        return self.epochs - self._improved_at >= self.patience
