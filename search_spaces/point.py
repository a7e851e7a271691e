"""One validated point of a search space, whatever kind of model is made from it."""

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from search_spaces.input_choices import InputChoices, TargetScale


class Point(BaseModel):
    """All that a trial's model and its training are made from; each kind of model has its own, frozen.

    Raises
    ------
    pydantic.ValidationError
        A value outside its range, of another type, or a name that is no hyperparameter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kind: ClassVar[str]
    """Name of the kind of model that is trained with them."""

    target_scale: TargetScale = TargetScale.STANDARD
    """What a regression learns: its target, or the target's logarithm; both are standardised."""

    @classmethod
    def of(cls, point: "Point") -> Self:
        """Return a point of this kind as one.

        Raises
        ------
        TypeError
            It is of another kind.
        """
        if not isinstance(point, cls):
            raise TypeError(f"expected a point of the kind {cls.kind}, got one of the kind {point.kind}")
        return point

    @property
    def input_choices(self) -> InputChoices:
        """The values that decide which inputs are made from a table's columns, and which targets."""
        return InputChoices(target_scale=self.target_scale)
