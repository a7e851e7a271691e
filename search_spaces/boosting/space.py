"""The search space of boosted trees."""

from typing import ClassVar

from search_spaces.boosting.point import BoostingPoint
from search_spaces.fields import Fields
from search_spaces.space import SearchSpace

FIELDS = Fields(
    BoostingPoint,
    only_classes_have=("class_balance",),
    no_strength={"l2_regularization": 0.0, "min_samples_leaf": 1.0},
)
"""What may be searched of boosted trees."""


class BoostingSpace(SearchSpace):
    """A space of boosted trees."""

    fields: ClassVar[Fields] = FIELDS
