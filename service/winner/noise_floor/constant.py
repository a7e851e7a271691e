"""Whether anything was learned: the winner beside the best constant, with its luck taken off."""

from pydantic import BaseModel, ConfigDict

from service.uncertainty.interval import N_STANDARD_ERRORS


class BesideConstant(BaseModel):
    """The winner on the dev set beside naming the commonest class, or the mean."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    constant: str
    """Its name: `majority class` or `mean`."""

    gain: float
    """By how much the winner is better, in the metric's unit."""

    standard_error: float
    """Of that difference, paired by example; over folds the winner's own."""

    flattery: float
    """By how much being chosen on these examples flatters the winner."""

    @property
    def is_beyond_chance(self) -> bool:
        """Whether something was learned: the gain, less the flattery, is beyond two standard errors."""
        return self.gain - self.flattery > N_STANDARD_ERRORS * self.standard_error
