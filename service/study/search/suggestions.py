"""What to try next, decided by nothing but what the virtual clock lets the sampler see."""

from collections.abc import Mapping
from typing import Protocol

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

from search_spaces.dimensions import CategoricalDimension, ConstantDimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import SamplerConfig, SamplerName
from service.errors import ProctorError
from service.study.search.optuna_view import OptunaView, known_warnings_off
from service.study.search.sampler_packages import check_packages
from service.study.search.samplers import ASKED_AGAIN, samplers
from service.study.search.seeds import redraw_seed
from service.study.search.tpe import TPE
from service.study.storage.kept_trials import TrialResult


class PointSource(Protocol):
    """Who draws points, and is shown all trials in order: running first, then how they ended."""

    def ask(self, number: int) -> dict[str, Value]:
        """Draw the next trial's values of the active searched dimensions; they are shown next, or others."""

    def drawn_evenly(self, seed: int) -> dict[str, Value]:
        """Draw a random point in place of the one that was asked last."""

    def show_running(self, values: Mapping[str, Value]) -> None:
        """Let the next trial have these values, and run."""

    def show_ended(self, result: TrialResult) -> None:
        """Let it see a trial's end."""


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
        Who suggests, and its options.
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
        self._source = self._made_source(sampler)
        self._running: dict[int, _Point] = {}
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
        self._show_running(values)
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
        self._source.show_ended(result)
        point = self._running.pop(result.number)
        if result.state is TrialState.FAIL:
            self._failed.add(point)

    def _suggest(self) -> dict[str, Value]:
        """Ask the sampler for the next trial's point, and show it running there."""
        number = self._n_asked
        values = self._source.ask(number)
        for attempt in range(MAX_REDRAWS):
            if _point(values) not in self._failed:
                break
            values = self._source.drawn_evenly(redraw_seed(self._study_seed, number, attempt))
        self._show_running(values)
        return values

    def _show_running(self, values: Mapping[str, Value]) -> None:
        self._source.show_running(values)
        self._running[self._n_asked] = _point(values)
        self._n_asked += 1

    def _made_source(self, sampler: SamplerConfig) -> PointSource:
        if sampler.kind is SamplerName.TPE:
            return TPE(self._space, sampler, study_seed=self._study_seed)
        with known_warnings_off():
            sampler_of = samplers(sampler, self._space, self.distributions, study_seed=self._study_seed)
        keeps_notes = sampler.kind in ASKED_AGAIN
        return OptunaView(self._space, self.distributions, sampler_of, keeps_notes=keeps_notes)

    def _of(self, values: Mapping[str, Value]) -> dict[str, BaseDistribution]:
        return {name: self.distributions[name] for name in values}


def _point(values: Mapping[str, Value]) -> _Point:
    return tuple(sorted(values.items()))


def _words(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())
