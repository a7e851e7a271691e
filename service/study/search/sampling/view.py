"""What a sampler sees of a study: trials by number, running until they are shown to have ended."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, TrialState

from search_spaces.values import Value
from service.study.search.sampling.tpe import TrialColumns
from service.study.storage.kept_trials import TrialResult


class ForgetfulStorage(InMemoryStorage):
    """Trials in memory, without what samplers note at those they asked.

    A view that is rebuilt has no such notes, so that a sampler that reads them would go another way; and they
    would take more memory than the trials.
    """

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:  # noqa: ANN401 - Optuna's
        """Forget it."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A trial that is being asked.

    Attributes
    ----------
    trial
        The trial in the view, still without values.
    trial_id
        Its id there.
    together
        The values that the sampler drew jointly; of dimensions that are not active too.
    """

    trial: FrozenTrial
    trial_id: int
    together: Mapping[str, Value]


class StudyView:
    """A study in memory for one sampler, lower values being better.

    Parameters
    ----------
    distributions
        Of the searched dimensions, by name.
    keeps_notes
        Whether it keeps what the sampler notes at trials.
    complete_alone
        Whether the sampler looks at complete trials alone.
    """

    def __init__(
        self, distributions: Mapping[str, BaseDistribution], *, keeps_notes: bool, complete_alone: bool
    ) -> None:
        self._distributions = distributions
        self._storage = InMemoryStorage() if keeps_notes else ForgetfulStorage()
        self.study = optuna.create_study(storage=self._storage, direction="minimize")
        self.columns = TrialColumns(distributions)
        self._study_id = self._storage.get_study_id_from_name(self.study.study_name)
        self._complete_alone = complete_alone

    def show_running(self, values: Mapping[str, Value]) -> None:
        """Add the next trial, as running."""
        self.settle(self._storage.create_new_trial(self._study_id), values)

    def ask(self, sampler: BaseSampler) -> Asking:
        """Add the next trial, as running and still without values, and let the sampler draw jointly."""
        self.study.sampler = sampler
        asked = self.study.ask()
        trial_id = self._trial_id(asked.number)
        return Asking(self._storage.get_trial(trial_id), trial_id, asked.relative_params or {})

    def settle(self, trial_id: int, values: Mapping[str, Value]) -> None:
        """Let the trial that was added last have these values."""
        for name, value in values.items():
            dist = self._distributions[name]
            self._storage.set_trial_param(trial_id, name, dist.to_internal_repr(value), dist)
        self.columns.add(values)

    def values(self, number: int) -> Mapping[str, Value]:
        """Return a trial's values."""
        return self._storage.get_trial(self._trial_id(number)).params

    def show_ended(self, result: TrialResult) -> None:
        """Let the sampler see a trial's end.

        Of a trial's curve it needs the last entry of one that was pruned. A trial that failed ranks behind
        all others: among the pruned ones as one that reported nothing. For a sampler that looks at complete
        trials alone, one that was pruned is complete with what it had reached, one that failed with infinity.
        """
        trial_id, state, value = self._trial_id(result.number), result.state, result.value
        last: tuple[int, float] | None = None
        if self._complete_alone:
            state = TrialState.COMPLETE
            value = math.inf if value is None or result.state is TrialState.FAIL else value
        elif state is TrialState.FAIL:
            state, value = TrialState.PRUNED, None
        elif state is TrialState.PRUNED and result.intermediate_values:
            last = len(result.intermediate_values), result.intermediate_values[-1]
            self._storage.set_trial_intermediate_value(trial_id, *last)
        self._storage.set_trial_state_values(trial_id, state, None if value is None else [value])
        self.columns.end(result.number, state, value, last=last)

    def _trial_id(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)
