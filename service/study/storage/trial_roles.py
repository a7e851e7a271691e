"""What a trial is there for: to try a point, or to confirm one with another seed.

Both are trials of one Optuna study. A confirmation carries the number of the trial that it repeats, and
nothing that searches, prunes, counts the budget or tells how the search went looks at it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from optuna.trial import FrozenTrial

CONFIRMS = "confirms"
"""Attribute of a confirmation: the number of the trial whose hyperparameters it repeats."""


def searched(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that try a point, in their order: all but confirmations."""
    return [trial for trial in trials if CONFIRMS not in trial.user_attrs]


def confirmations(trials: Iterable[FrozenTrial]) -> Mapping[int, Sequence[FrozenTrial]]:
    """Return confirmations by the number of the trial that they repeat, each in the order of the trials."""
    by_number: dict[int, list[FrozenTrial]] = defaultdict(list)
    for trial in trials:
        if CONFIRMS in trial.user_attrs:
            by_number[trial.user_attrs[CONFIRMS]].append(trial)
    return dict(by_number)
