"""What chooses the next point and what ends trials early: sampler and pruner, with their options."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.values import Number, WholeNumber, YesNo, found

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
