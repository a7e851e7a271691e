"""What chooses the next point and what ends trials early: sampler and pruner, with their options.

Whether a sampler can search a space, and how many trials virtually run at once, are decided here too.
"""

from collections.abc import Mapping
from enum import StrEnum
from math import prod
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Number, Value, WholeNumber, YesNo, found

KindOptions = Mapping[str, Mapping[str, object]]
"""By kind, the options that it has, with their defaults; None where it must be given."""


def with_defaults(written: object, options: KindOptions, *, default_kind: str) -> object:
    """Give the options that are left out the defaults of the kind that is written.

    Anything but a table of a known kind passes unchanged: pydantic refuses it.
    """
    if not isinstance(written, dict):
        return written
    kind = written.get("kind", default_kind)
    defaults = options.get(kind, {}) if isinstance(kind, str) else {}
    left_out = {name: value for name, value in defaults.items() if written.get(name) is None}
    return written | left_out


def check_options(config: BaseModel, kind: str, options: KindOptions) -> None:
    """Refuse options that the kind does not have, and one that it must have where it is missing.

    Raises
    ------
    ContradictionError
        Naming the option, and those that the kind has.
    """
    allowed = options[kind]
    for name in type(config).model_fields:
        value = getattr(config, name)
        if name == "kind" or (name in allowed) == (value is not None):
            continue
        if name in allowed:
            raise ContradictionError(f"{kind} needs {name}: it has no default", (name,))
        has = f"it has {', '.join(allowed)}" if allowed else "it has none"
        raise ContradictionError(f"{kind} does not have this option; {has}; got {found(value)}", (name,))


class SamplerName(StrEnum):
    """How the next point is chosen."""

    TPE = "tpe"
    RANDOM = "random"
    QMC = "qmc"
    GP = "gp"
    CMA_ES = "cma-es"
    GRID = "grid"


SAMPLER_OPTIONS: KindOptions = {
    SamplerName.TPE: {"multivariate": False, "group": False, "startup_trials": 10},
    SamplerName.RANDOM: {},
    SamplerName.QMC: {"scramble": True},
    SamplerName.GP: {"startup_trials": 10},
    SamplerName.CMA_ES: {"startup_trials": 1},
    SamplerName.GRID: {"points": 3},
}
"""The options of each sampler, with their defaults."""


class SamplerConfig(BaseModel):
    """How the next point is chosen. In a study file the sampler's name alone is short for it.

    Raises
    ------
    ContradictionError
        An option that the sampler does not have, or groups without multivariate TPE.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kind: SamplerName = SamplerName.TPE
    """Which sampler: tpe, gp and cma-es learn from earlier trials; random, qmc and grid do not."""

    multivariate: YesNo | None = None
    """For tpe: whether to draw dimensions jointly if all trials have them; false by default."""

    group: YesNo | None = None
    """For tpe: whether to draw dimensions that share a condition jointly too; false by default."""

    startup_trials: WholeNumber | None = Field(default=None, ge=1)
    """For tpe, gp and cma-es: number of ended trials before it learns from them; 10, 10 and 1 by default."""

    scramble: YesNo | None = None
    """For qmc: whether to scramble the sequence with the study's seed; true by default."""

    points: WholeNumber | None = Field(default=None, ge=1)
    """For grid: number of values per range, both ends included; 3 by default."""

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, written: object) -> object:
        return with_defaults(written, SAMPLER_OPTIONS, default_kind=SamplerName.TPE)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        check_options(self, self.kind, SAMPLER_OPTIONS)
        if self.group and not self.multivariate:
            raise ContradictionError("group needs multivariate = true", ("group",))
        return self


def _spelled_out(written: object) -> object:
    if isinstance(written, dict | SamplerConfig):
        return written
    if not isinstance(written, str):
        raise ContradictionError(f"expected a sampler's name or a table, got {found(written)}")
    return {"kind": written}


Sampler = Annotated[
    SamplerConfig, BeforeValidator(_spelled_out, json_schema_input_type=SamplerName | SamplerConfig)
]
"""A sampler as it is written: its name, or a table of its kind and options."""


class PrunerName(StrEnum):
    """How to end trials early that are unlikely to win."""

    SUCCESSIVE_HALVING = "successive-halving"
    HYPERBAND = "hyperband"
    MEDIAN = "median"
    THRESHOLD = "threshold"
    NONE = "none"


PRUNER_OPTIONS: KindOptions = {
    PrunerName.SUCCESSIVE_HALVING: {"reduction_factor": 3},
    PrunerName.HYPERBAND: {"reduction_factor": 3, "min_epochs": 1},
    PrunerName.MEDIAN: {"startup_trials": 5, "warmup_epochs": 0},
    PrunerName.THRESHOLD: {"worst": None, "warmup_epochs": 0},
    PrunerName.NONE: {},
}
"""The options of each rule, with their defaults; None where it must be given."""


class PrunerConfig(BaseModel):
    """How to end trials early that are unlikely to win.

    Raises
    ------
    ContradictionError
        An option that the rule does not have, or a threshold without its value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kind: PrunerName = PrunerName.SUCCESSIVE_HALVING
    """The pruning rule."""

    reduction_factor: WholeNumber | None = Field(default=None, ge=2)
    """For successive-halving and hyperband: one of this many trials goes on from each rung; 3 by default."""

    min_epochs: WholeNumber | None = Field(default=None, ge=1)
    """For hyperband: fewest epochs before its first rung; 1 by default."""

    startup_trials: WholeNumber | None = Field(default=None, ge=1)
    """For median: number of complete trials before it prunes; 5 by default."""

    warmup_epochs: WholeNumber | None = Field(default=None, ge=0)
    """For median and threshold: first epochs in which no trial is pruned; 0 by default."""

    worst: Number | None = None
    """For threshold: prune a trial whose watched metric is worse than this."""

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, written: object) -> object:
        if isinstance(written, dict) and written.get("kind") == PrunerName.NONE:
            # Configurations were once kept with a reduction factor, whether anything was reduced or not.
            return {name: value for name, value in written.items() if name != "reduction_factor"}
        return with_defaults(written, PRUNER_OPTIONS, default_kind=PrunerName.SUCCESSIVE_HALVING)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        check_options(self, self.kind, PRUNER_OPTIONS)
        return self


def grid_values(space: SearchSpace, *, points: int) -> dict[str, tuple[Value, ...]]:
    """Return the values that a grid has of each searched dimension, by name.

    Parameters
    ----------
    space
        What is searched.
    points
        Values of each range, evenly spaced from end to end (by factor on a log range); a range of whole
        numbers has fewer where they coincide. A choice has all of its own.
    """
    return {
        name: _values(dimension, points)
        for name, dimension in space.dimensions.items()
        if not isinstance(dimension, ConstantDimension)
    }


def grid_size(space: SearchSpace, *, points: int) -> int:
    """Return the number of combinations of a grid's values."""
    return prod(len(values) for values in grid_values(space, points=points).values())


def _values(dimension: Dimension, points: int) -> tuple[Value, ...]:
    match dimension:
        case CategoricalDimension():
            return dimension.choices
        case FloatDimension():
            return tuple(_spaced(dimension, points))
        case IntegerDimension():
            nearest = (
                dimension.low + dimension.step * round((value - dimension.low) / dimension.step)
                for value in _spaced(dimension, points)
            )
            return tuple(dict.fromkeys(nearest))
        case ConstantDimension():
            return (dimension.value,)


def _spaced(dimension: FloatDimension | IntegerDimension, points: int) -> list[float]:
    """Return so many values from low to high; of a range with one, its middle."""
    low, high = float(dimension.low), float(dimension.high)
    if points == 1:
        return [float(dimension.middle)]
    space = np.geomspace if dimension.log else np.linspace
    between = space(low, high, points)[1:-1].clip(low, high)  # of a very short range rounding leaves it
    return sorted({low, *map(float, between), high})


LARGEST_GRID = 100_000
"""Combinations of a grid, which is kept in memory as a whole."""


def reason_against(sampler: SamplerConfig, space: SearchSpace, *, trials: int) -> str | None:
    """Return in one line why a sampler cannot search a space with so many trials; None where it can.

    TPE, random search and QMC take any space: what stands under a condition they draw by itself.
    """
    searched = {
        name: dimension
        for name, dimension in space.dimensions.items()
        if not isinstance(dimension, ConstantDimension)
    }
    always = [dimension for dimension in searched.values() if not dimension.when]
    match sampler.kind:
        case SamplerName.GRID:
            return _reason_against_grid(sampler.points or 1, space, trials=trials)
        case SamplerName.GP if not always:
            return "gp needs a dimension without a condition, got none in this space"
        case SamplerName.CMA_ES if all(isinstance(dimension, CategoricalDimension) for dimension in always):
            return "cma-es needs a range of numbers without a condition, got none in this space"
        case _:
            return None


def _reason_against_grid(points: int, space: SearchSpace, *, trials: int) -> str | None:
    for name, dimension in space.dimensions.items():
        if not isinstance(dimension, ConstantDimension) and dimension.when:
            return (
                f"a grid needs dimensions without conditions, as each of its points has all of them, got a"
                f" condition on {name}"
            )
    size = grid_size(space, points=points)
    if size > LARGEST_GRID:
        return (
            f"expected a grid of at most {LARGEST_GRID:,} points, got {size:,}: search fewer hyperparameters,"
            " or fewer values of each"
        )
    if trials > size + 1:
        return (
            f"the grid has {size} points and is tried once, after the default values: expected at most"
            f" {size + 1} trials, got {trials}"
        )
    return None


_LEAST_AT_ONCE, _MOST_AT_ONCE = 4, 32
TRIALS_FOR_ONE = 16


def default_concurrency(n_trials: int) -> int:
    """Return a sixteenth of a study's trials, 4 at least and 32 at most.

    It must not depend on workers or cores: sampler and pruner would see other results when a trial is asked,
    and the study would be another. More at once keep more workers busy, but more trials are then asked before
    anything can be pruned, so that a short search takes longer for them: docs/explanation/concurrency.md has
    the figures.

    Parameters
    ----------
    n_trials
        The study's trials.
    """
    return min(max(_LEAST_AT_ONCE, n_trials // TRIALS_FOR_ONE), _MOST_AT_ONCE)


def workers_line(n_workers: int, *, concurrency: int, n_trials: int) -> str | None:
    """Say so where there are more workers than trials that may run at once; None where all find work.

    Parameters
    ----------
    n_workers
        Workers that the study has.
    concurrency
        Trials that virtually run at once; no more of them ever really do.
    n_trials
        The study's trials; of no more workers than these any use could be made.
    """
    if n_workers <= concurrency or n_trials <= concurrency:
        return None
    wanted = min(2 * n_workers, n_trials)
    return (
        f"only {concurrency} of {n_workers} workers can be busy at a time, because concurrency is"
        f" {concurrency}; --concurrency {wanted} uses more of them, but changes the results, because sampler"
        f" and pruner then react later"
    )
