"""Studies in a row, each searching where the diagnosis of an earlier one points."""

from pydantic import BaseModel, ConfigDict, Field

from search_spaces.values import WholeNumber


class RoundsConfig(BaseModel):
    """How many rounds there may be; each has the study's number of trials, all share its budget."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    count: WholeNumber = Field(default=1, ge=1, le=99)
    """Most studies in a row: the diagnosis of one says whether there is a next, and where it searches."""
