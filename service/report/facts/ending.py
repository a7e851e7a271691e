"""Why a study's search ended."""

from collections.abc import Mapping

from service.study.search.search_budget import EndingReason, SearchEnding


def ending_of(stored: Mapping[str, str] | None, *, n_left: int, budget: int) -> SearchEnding | None:
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
        return SearchEnding.model_validate(dict(stored))
    if n_left > 0:
        return None
    return SearchEnding(reason=EndingReason.TRIALS, text=f"all {budget} trials have ended")
