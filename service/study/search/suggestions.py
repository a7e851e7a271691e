"""What to try next, decided by nothing but what the virtual clock lets the sampler see.

A sampler sees a study in memory: trials by number, running until they are shown to have ended.
"""

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
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

from search_spaces.dimensions import CategoricalDimension, ConstantDimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import SamplerConfig
from service.errors import ProctorError
from service.study.search.sampler_packages import check_packages
from service.study.search.samplers import (
    ASKED_AGAIN,
    SEE_COMPLETE_ALONE,
    TrialColumns,
    samplers,
)
from service.study.search.seeds import redraw_seed
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


SearchedDimension = FloatDimension | IntegerDimension | CategoricalDimension
"""A dimension that is no constant."""


def distribution(dimension: SearchedDimension) -> BaseDistribution:
    """Return the distribution that Optuna samples a searched dimension from."""
    match dimension:
        case FloatDimension():
            return FloatDistribution(dimension.low, dimension.high, log=dimension.log)
        case IntegerDimension():
            return IntDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)
        case CategoricalDimension():
            return CategoricalDistribution(dimension.choices)


@contextmanager
def known_warnings_off() -> Iterator[None]:
    """Silence that a sampler may change in a later release, and that trials which failed are infinitely bad.

    Optuna is pinned; and it is the view that shows failed trials so.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        warnings.filterwarnings("ignore", "Clip non-finite values")
        yield


MAX_REDRAWS = 20
"""Random points in place of one that failed before, until it is tried again all the same."""

_Point = tuple[tuple[str, Value], ...]


class OtherSuggestionError(ProctorError):
    """A sampler that is asked again suggests another point than the one in storage."""


class Suggestions:
    """The next point, for each trial in turn.

    What is suggested depends on the study's seed, the trial's number, and what was shown before, in that
    order: a view that is rebuilt by the same calls suggests the same.

    Parameters
    ----------
    space
        What is searched.
    sampler
        Which of Optuna's samplers suggests, and its options.
    study_seed
        The study's seed.

    Attributes
    ----------
    distributions
        What each searched dimension is drawn from.

    Raises
    ------
    BadInputError
        The sampler needs a package that is not installed.
    """

    def __init__(self, space: SearchSpace, *, sampler: SamplerConfig, study_seed: int) -> None:
        check_packages(sampler.kind)
        self._space = space
        self._study_seed = study_seed
        self.distributions = {
            name: distribution(dimension)
            for name, dimension in space.dimensions.items()
            if not isinstance(dimension, ConstantDimension)
        }
        self._kind = sampler.kind
        self._view = StudyView(
            self.distributions,
            keeps_notes=sampler.kind in ASKED_AGAIN,
            complete_alone=sampler.kind in SEE_COMPLETE_ALONE,
        )
        with known_warnings_off():
            self._sampler_of = samplers(
                sampler, space, self.distributions, columns=self._view.columns, study_seed=study_seed
            )
        self._failed: set[_Point] = set()
        self._n_asked = 0

    def ask(self) -> tuple[dict[str, Value], dict[str, BaseDistribution]]:
        """Return the next trial's values for the active searched dimensions, and their distributions.

        Trial 0 is the space's default values. The very same point as one that failed is not suggested again,
        where another is found: a random one takes its place.
        """
        if self._n_asked == 0:
            return self.ask_fixed(self._space.default_values())
        values = self._suggest()
        return values, self._of(values)

    def ask_fixed(self, values: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, BaseDistribution]]:
        """Let the next trial have these values, in this run of the study or an earlier one.

        The sampler is not asked, and sees the trial running.
        """
        self._view.show_running(values)
        self._n_asked += 1
        return dict(values), self._of(values)

    def show_running(self, values: Mapping[str, Value]) -> None:
        """Put the next trial, which `ask` gave these values in an earlier run of the study, into the view.

        Raises
        ------
        OtherSuggestionError
            The sampler keeps notes of what it asked, so that it is asked again, and suggests something else.
        """
        number = self._n_asked
        if number == 0 or self._kind not in ASKED_AGAIN:
            self.ask_fixed(values)
        elif (suggested := self._suggest()) != dict(values):
            raise OtherSuggestionError(
                f"trial {number} has {_words(values)} in storage, where {self._kind} suggests"
                f" {_words(suggested)}: another version chose it, or another kind of machine"
            )

    def show_ended(self, result: TrialResult) -> None:
        """Let the sampler see a trial's end: its state, value and intermediate values, lower being better."""
        self._view.show_ended(result)
        if result.state is TrialState.FAIL:
            self._failed.add(_point(self._view.values(result.number)))

    def _suggest(self) -> dict[str, Value]:
        """Ask the sampler for the next trial's point, and show it running there."""
        number = self._n_asked
        with known_warnings_off():
            sampler = self._sampler_of(number)
            asking = self._view.ask(sampler)
        values = self._drawn(sampler, asking)
        for attempt in range(MAX_REDRAWS):
            if _point(values) not in self._failed:
                break
            seed = redraw_seed(self._study_seed, number, attempt)
            values = self._drawn(RandomSampler(seed), replace(asking, together={}))
        self._view.settle(asking.trial_id, values)
        self._n_asked += 1
        return values

    def _drawn(self, sampler: BaseSampler, asking: Asking) -> dict[str, Value]:
        """Draw each active dimension in turn, as far as they are not drawn together."""
        values: dict[str, Value] = {}
        for name, dist in self.distributions.items():
            if not self._space.is_active(name, values):
                continue
            if dist.single():
                values[name] = _only_value(dist)
            elif name in asking.together:
                values[name] = asking.together[name]
            else:
                values[name] = sampler.sample_independent(self._view.study, asking.trial, name, dist)
        return values

    def _of(self, values: Mapping[str, Value]) -> dict[str, BaseDistribution]:
        return {name: self.distributions[name] for name in values}


def _point(values: Mapping[str, Value]) -> _Point:
    return tuple(sorted(values.items()))


def _words(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _only_value(dist: BaseDistribution) -> Value:
    match dist:
        case CategoricalDistribution():
            return cast("Value", dist.choices[0])
        case FloatDistribution() | IntDistribution():
            return dist.low
        case _:
            raise TypeError(f"expected a distribution of numbers or of choices, got {dist}")
