"""How the best trials are confirmed: trained again with other seeds, so that a lucky seed does not win."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.values import WholeNumber, YesNo


class ConfirmationConfig(BaseModel):
    """The best trials run again with other seeds, and the winner is chosen on the mean dev metric."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    finalists: WholeNumber = Field(default=5, ge=0, le=100)
    """Best trials that are confirmed; 0: the best trial wins as it is."""

    seeds: WholeNumber = Field(default=2, ge=1, le=100)
    """Further seeds that each of them is trained with."""

    ensemble: YesNo = False
    """Whether the winner is the average of its seeds' networks, where that is no worse on the dev set."""

    @property
    def most_runs(self) -> int:
        """Trainings that there are, where as many trials complete as there are finalists."""
        return self.finalists * self.seeds

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.ensemble and self.finalists == 0:
            raise ContradictionError(
                "an average is over the seeds that confirm the winner; with finalists = 0 none does",
                ("ensemble",),
            )
        return self
