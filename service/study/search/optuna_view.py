"""A study in memory for one of Optuna's samplers, which draws points for it."""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, RandomSampler
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, TrialState

from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.study.storage.kept_trials import TrialResult


class ForgetfulStorage(InMemoryStorage):
    """Trials in memory, without what samplers note at those they asked.

    A view that is rebuilt has no such notes, so that a sampler that reads them would go another way; and they
    would take more memory than the trials.
    """

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:  # noqa: ANN401 - Optuna's
        """Forget it."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """A trial that is being asked: itself in the view, still without values; its id; who draws for it.

    `together` are the values that the sampler drew jointly; of dimensions that are not active too.
    """

    trial: FrozenTrial
    trial_id: int
    sampler: BaseSampler
    together: Mapping[str, Value]


class OptunaView:
    """A study in memory for one sampler, lower values being better.

    Parameters
    ----------
    space
        What is searched.
    distributions
        Of its searched dimensions, by name.
    sampler_of
        Gives the sampler of a trial's number, ready to draw for that trial alone.
    keeps_notes
        Whether it keeps what the sampler notes at trials.
    """

    def __init__(
        self,
        space: SearchSpace,
        distributions: Mapping[str, BaseDistribution],
        sampler_of: Callable[[int], BaseSampler],
        *,
        keeps_notes: bool,
    ) -> None:
        self._space = space
        self._distributions = distributions
        self._sampler_of = sampler_of
        self._storage = InMemoryStorage() if keeps_notes else ForgetfulStorage()
        self.study = optuna.create_study(storage=self._storage, direction="minimize")
        self._study_id = self._storage.get_study_id_from_name(self.study.study_name)
        self._asking: _Asking | None = None

    def ask(self, number: int) -> dict[str, Value]:
        """Add the next trial, as running, and draw its values; it has them once they are shown."""
        with known_warnings_off():
            sampler = self.study.sampler = self._sampler_of(number)
            asked = self.study.ask()
        trial_id = self._trial_id(asked.number)
        trial = self._storage.get_trial(trial_id)
        self._asking = _Asking(trial, trial_id, sampler, asked.relative_params or {})
        return self._drawn(sampler, self._asking.together)

    def drawn_evenly(self, seed: int) -> dict[str, Value]:
        """Draw a random point in place of the one that was asked last."""
        return self._drawn(RandomSampler(seed), together={})

    def show_running(self, values: Mapping[str, Value]) -> None:
        """Let the trial that was asked have these values; add the next one where none was."""
        asking, self._asking = self._asking, None
        trial_id = self._storage.create_new_trial(self._study_id) if asking is None else asking.trial_id
        for name, value in values.items():
            dist = self._distributions[name]
            self._storage.set_trial_param(trial_id, name, dist.to_internal_repr(value), dist)

    def show_ended(self, result: TrialResult) -> None:
        """Let the sampler see a trial's end.

        The samplers that learn look at complete trials alone. So one that was pruned is complete with what it
        had reached, one that failed with infinity.
        """
        failed = result.value is None or result.state is TrialState.FAIL
        value = math.inf if failed else cast("float", result.value)
        self._storage.set_trial_state_values(self._trial_id(result.number), TrialState.COMPLETE, [value])

    def _drawn(self, sampler: BaseSampler, together: Mapping[str, Value]) -> dict[str, Value]:
        """Draw each active dimension in turn, as far as they are not drawn together."""
        if self._asking is None:
            raise RuntimeError("expected a trial that was asked, got none")
        values: dict[str, Value] = {}
        for name, dist in self._distributions.items():
            if not self._space.is_active(name, values):
                continue
            if dist.single():
                values[name] = _only_value(dist)
            elif name in together:
                values[name] = together[name]
            else:
                values[name] = sampler.sample_independent(self.study, self._asking.trial, name, dist)
        return values

    def _trial_id(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)


@contextmanager
def known_warnings_off() -> Iterator[None]:
    """Silence that a sampler may change in a later release, and that trials which failed are infinitely bad.

    Optuna is pinned; and it is the view that shows failed trials so.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        warnings.filterwarnings("ignore", "Clip non-finite values")
        yield


def _only_value(dist: BaseDistribution) -> Value:
    match dist:
        case CategoricalDistribution():
            return cast("Value", dist.choices[0])
        case FloatDistribution() | IntDistribution():
            return dist.low
        case _:
            raise TypeError(f"expected a distribution of numbers or of choices, got {dist}")
