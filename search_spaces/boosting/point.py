"""One validated point of a search space of boosted trees, under scikit-learn's names."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from search_spaces.input_choices import InputChoices, Representation
from search_spaces.point import Point


class BoostingLoss(StrEnum):
    """What boosting minimizes."""

    AUTO = "auto"
    LOG_LOSS = "log_loss"
    SQUARED_ERROR = "squared_error"
    ABSOLUTE_ERROR = "absolute_error"


class BoostingPoint(Point):
    """One point of a search space of boosted trees, frozen. The defaults are scikit-learn's.

    An epoch is one iteration of boosting: a tree, or one a class where there are more than two. The study's
    epochs and patience say how many there are.

    Raises
    ------
    pydantic.ValidationError
        A value outside its range, of another type, or a name that is no hyperparameter.
    """

    kind: ClassVar[str] = "boosting"

    learning_rate: float = Field(default=0.1, gt=0)
    """Factor of each tree's predictions."""

    max_leaf_nodes: int = Field(default=31, ge=2, le=65_536)
    """The most leaves of a tree."""

    max_depth: int | None = Field(default=None, ge=1)
    """The most splits from a tree's root to a leaf. No limit by default."""

    min_samples_leaf: int = Field(default=20, ge=1)
    """The fewest train examples in a leaf."""

    l2_regularization: float = Field(default=0.0, ge=0)
    """Strength of L2 regularization of the leaves' values: added to each leaf's sum of second derivatives."""

    max_features: float = Field(default=1.0, gt=0, le=1)
    """Share of the features, drawn anew for each split, among which it is chosen."""

    max_bins: int = Field(default=255, ge=2, le=255)
    """The most bins that a number's values are sorted into, and the most categories of a column."""

    loss: BoostingLoss = BoostingLoss.AUTO
    """What is minimized; `auto`: the log loss for classes, the squared error for numbers."""

    class_balance: float = Field(default=0.0, ge=0, le=1)
    """How much more rare classes count in training: an example by (1 / its class's share) to this power."""

    @property
    def input_choices(self) -> InputChoices:
        """Numbers as they are, with gaps for missing cells, and categories as codes."""
        return InputChoices(representation=Representation.RAW, target_scale=self.target_scale)
