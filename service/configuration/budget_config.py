"""When a search ends beside its number of trials: whichever comes first."""

from pydantic import BaseModel, ConfigDict, Field

from search_spaces.values import Number, WholeNumber


class BudgetConfig(BaseModel):
    """Limits of the search as a whole; with `seconds`, the same seed need not give the same study."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    seconds: Number | None = Field(default=None, gt=0)
    """Wall-clock time after which no trial begins, over all runs of the study (seconds); not reproducible."""

    epochs: WholeNumber | None = Field(default=None, ge=1)
    """Epochs of all trials together after which no trial begins."""

    dev_metric: Number | None = None
    """Value of the metric, on the dev set, that is good enough."""

    no_gain_trials: WholeNumber | None = Field(default=None, ge=1)
    """Trials that end without a new best before the search gives up."""
