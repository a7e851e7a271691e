"""What to try next, decided by nothing but what the virtual clock lets the sampler see."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import TrialState

from search_spaces.dimensions import CategoricalDimension, ConstantDimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import SamplerConfig
from service.errors import ProctorError
from service.study.search.sampling.needed_packages import check_packages
from service.study.search.sampling.samplers import ASKED_AGAIN, SEE_COMPLETE_ALONE, samplers
from service.study.search.sampling.view import Asking, StudyView
from service.study.search.seeds import redraw_seed
from service.study.storage.kept_trials import TrialResult

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
