"""What an adversarial check found, as values: apart from the check itself, which takes long to import."""

from pydantic import BaseModel, ConfigDict


class TellingColumn(BaseModel):
    """A column that alone separates train and dev rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    column: str
    """Its name in the table."""

    area: float
    """ROC AUC of a classifier that knows this column alone, cross-validated."""

    interval: tuple[float, float]
    """95 % interval of the area."""


class AdversarialCheck(BaseModel):
    """How well a classifier separates dev rows from rows of the train set's source."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    compared: str
    """The set beside dev: `train-dev` where there is one, which nothing was fitted on; else `train`."""

    n_compared: int
    """Rows of that set that were looked at."""

    n_dev: int
    """Rows of the dev set that were looked at."""

    area: float
    """ROC AUC, cross-validated: 0.5 where the sets are alike, 1 where no row could be of both."""

    interval: tuple[float, float]
    """95 % interval of the area."""

    columns: tuple[TellingColumn, ...]
    """The columns that separate the sets best, the best first; empty if the sets are not separated."""

    @property
    def are_apart(self) -> bool:
        """Whether the interval lies above 0.5; of sets that are alike about 1 in 20 seem apart."""
        return self.interval[0] > 0.5
