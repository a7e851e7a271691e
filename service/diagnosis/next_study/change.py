"""A change of a search space: another dimension for a hyperparameter, and why."""

from dataclasses import dataclass

from search_spaces.dimensions import Dimension


@dataclass(frozen=True, slots=True)
class Change:
    """One hyperparameter's.

    Attributes
    ----------
    name
        The hyperparameter.
    dimension
        What the next study searches of it.
    reason
        Why, in a few words.
    """

    name: str
    dimension: Dimension
    reason: str
