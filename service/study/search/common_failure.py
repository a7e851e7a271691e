"""What failed trials have in common: the one line that helps to mend a space in which many fail."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optuna.distributions import BaseDistribution

from search_spaces.values import Value
from service.study.search.telling_statements import telling_statements


@dataclass(frozen=True, slots=True)
class Failure:
    """A trial that failed.

    Attributes
    ----------
    values
        Its searched hyperparameters.
    reason
        Why, as it is kept with the trial.
    """

    values: Mapping[str, Value]
    reason: str


def common_failure(
    failed: Sequence[Failure],
    others: Sequence[Mapping[str, Value]] = (),
    *,
    distributions: Mapping[str, BaseDistribution] | None = None,
) -> str:
    """Say in one line what failed trials have in common: their reason, and what tells them from others.

    Of a hyperparameter it is said that all have a value, or a bound of it, where chance would hardly do so:
    see `service.study.search.telling_statements`.

    Parameters
    ----------
    failed
        Trials that failed, at least one.
    others
        Hyperparameters of trials that did not.
    distributions
        What hyperparameters were drawn from; needed only where there are no others.

    Raises
    ------
    ValueError
        When no trial failed.
    """
    if not failed:
        raise ValueError("failed trials have something in common only where there are some, got none")
    reasons = Counter(plain_reason(failure.reason) for failure in failed)
    reason, n_of_reason = reasons.most_common(1)[0]
    is_one_group = 2 * n_of_reason < len(failed)
    group = [each.values for each in failed if is_one_group or plain_reason(each.reason) == reason]
    if is_one_group:
        said = f"{len(reasons)} different reasons"
    else:
        said = reason if len(reasons) == 1 else f"{n_of_reason} of {len(failed)}: {reason}"
    found = telling_statements(group, others, distributions or {})
    if not found:
        if not others:
            return f"{said}, whatever their hyperparameters"
        return f"{said}; nothing in their hyperparameters tells them from others"
    said += f"; all with {' and '.join(statement.text for statement in found)}"
    if not others:
        return said
    n_too = sum(all(statement.holds(values) for statement in found) for values in others)
    return said + (f", as {n_too} of {len(others)} others" if n_too else ", and none of the others")


def plain_reason(reason: str) -> str:
    """Return why a trial failed, whatever the fold, the epoch and the learning rate."""
    return re.sub(r"^fold \d+ of \d+: | in epoch \d+| \(learning rate [^)]*\)", "", reason)
