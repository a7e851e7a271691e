"""How long a trial trains, and what it is judged by: the same for every trial of a study."""

from dataclasses import dataclass

from workers.metrics import Metric


@dataclass(frozen=True, slots=True)
class TrainingRules:
    """Rules of a training.

    Attributes
    ----------
    max_epochs
        The most epochs to run.
    patience
        Epochs without improvement on the dev set before stopping early.
    metric
        What the dev set is judged by after each epoch, and the trial in the end.
    watch
        What early stopping and pruning follow: it decides the best epoch.
    min_gain
        How much the watched metric must improve for an epoch to count against patience.

    Raises
    ------
    ValueError
        `max_epochs` or `patience` below 1, or `min_gain` below 0.
    """

    max_epochs: int
    patience: int
    metric: Metric
    watch: Metric
    min_gain: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("max_epochs", self.max_epochs), ("patience", self.patience)):
            if value < 1:
                raise ValueError(f"{name} needs at least 1 epoch, got {value}")
        if not self.min_gain >= 0:
            raise ValueError(f"min_gain needs at least 0, got {self.min_gain}")
