"""Trials' values in columns, and their ranks: what TPE wants to know of them, without a look at each."""

from bisect import insort
from collections.abc import Mapping, Sequence
from math import inf, isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution
from optuna.trial import TrialState

from search_spaces.values import Value


class _PrunedRank(NamedTuple):
    """Pruned trials rank by how far they came, then by what they had last; last who reported nothing."""

    minus_epochs: int
    value: float
    number: int


class TrialColumns:
    """A row a trial, in order of number; a column a searched dimension, as Optuna's numbers for its values.

    Parameters
    ----------
    distributions
        Of the searched dimensions, by name.
    """

    def __init__(self, distributions: Mapping[str, BaseDistribution]) -> None:
        self._distributions = distributions
        self._places = {name: place for place, name in enumerate(distributions)}
        self._values: NDArray[np.float64] = np.empty((64, len(distributions)))
        self._n_trials = 0
        self._complete: list[tuple[float, int]] = []
        self._pruned: list[_PrunedRank] = []

    @property
    def n_ended(self) -> int:
        """Trials that have ended."""
        return len(self._complete) + len(self._pruned)

    def add(self, values: Mapping[str, Value]) -> None:
        """Add the next trial; dimensions that are not active there have no value."""
        if self._n_trials == len(self._values):
            self._values = np.concatenate([self._values, np.empty_like(self._values)])
        row = self._values[self._n_trials]
        row.fill(np.nan)
        for name, value in values.items():
            row[self._places[name]] = self._distributions[name].to_internal_repr(value)
        self._n_trials += 1

    def end(
        self, number: int, state: TrialState, value: float | None, *, last: tuple[int, float] | None
    ) -> None:
        """Rank a trial that has ended: a complete one by its value, a pruned one by its last epoch's.

        Parameters
        ----------
        number
            Its number.
        state
            COMPLETE or PRUNED.
        value
            Of a complete trial.
        last
            Of a pruned one the epochs that it ran and the last one's value; None where it reported nothing.
        """
        if state is TrialState.COMPLETE and value is not None:
            insort(self._complete, (value, number))
        else:
            epochs, reached = (-1, 0.0) if last is None else last
            insort(self._pruned, _PrunedRank(-epochs, inf if isnan(reached) else reached, number))

    def best(self, n: int) -> list[int]:
        """Return the numbers of the best `n` trials that ended: complete ones first, then pruned ones."""
        complete = [number for _, number in self._complete[:n]]
        return complete + [rank.number for rank in self._pruned[: n - len(complete)]]

    def all_but(self, numbers: Sequence[int]) -> NDArray[np.intp]:
        """Return the numbers of the other trials, in order, running or ended (n_others,)."""
        is_other = np.ones(self._n_trials, dtype=bool)
        is_other[[number for number in numbers if number < self._n_trials]] = False
        return np.flatnonzero(is_other)

    def observations(
        self, numbers: Sequence[int] | NDArray[np.intp], names: Sequence[str]
    ) -> dict[str, NDArray[np.float64]]:
        """Return the values of some dimensions, of those of the trials that have all of them.

        Returns
        -------
        dict of str to ndarray
            By name, in the order of `numbers` (n_observations,).
        """
        rows = self._values[np.asarray(numbers, dtype=np.intp)][:, [self._places[name] for name in names]]
        rows = rows[~np.isnan(rows).any(axis=1)]
        return {name: np.ascontiguousarray(rows[:, place]) for place, name in enumerate(names)}
