"""Why a study's search ended."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from service.search.search_budget import EndingReason


class Ending(BaseModel):
    """Why the search ended."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reason: EndingReason
    """What was reached first: the number of trials, or one of the other budgets."""

    text: str
    """The same in one line."""


def ending_of(stored: Mapping[str, str] | None, *, n_left: int, budget: int) -> Ending | None:
    """Return why a search ended; None while it goes on.

    Parameters
    ----------
    stored
        What the search wrote at its end. One of an earlier version wrote nothing: it ended with its trials.
    n_left
        Trials of the budget that have not ended.
    budget
        All of its trials.
    """
    if stored is not None:
        return Ending.model_validate(dict(stored))
    if n_left > 0:
        return None
    return Ending(reason=EndingReason.TRIALS, text=f"all {budget} trials have ended")
