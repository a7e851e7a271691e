"""The search space of linear models."""

from typing import ClassVar

from search_spaces.fields import Fields
from search_spaces.linear.point import LinearPoint
from search_spaces.space import SearchSpace

FIELDS = Fields(
    LinearPoint,
    only_classes_have=("class_balance",),
    only_dates_have=("date_encoding",),
    no_strength={"strength": 0.0},
)
"""What may be searched of linear models."""


class LinearSpace(SearchSpace):
    """A space of linear models."""

    fields: ClassVar[Fields] = FIELDS
