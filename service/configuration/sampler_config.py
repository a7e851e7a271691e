"""Which of Optuna's samplers chooses the next point, and its options."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.values import WholeNumber, YesNo, found
from service.configuration.kind_options import KindOptions, check_options, with_defaults


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
    """Of tpe: whether dimensions are drawn jointly, as far as all trials have them; false where left out."""

    group: YesNo | None = None
    """Of tpe: whether dimensions that share a condition are drawn jointly too; false where left out."""

    startup_trials: WholeNumber | None = Field(default=None, ge=1)
    """Of tpe, gp and cma-es: ended trials before it learns; 10, 10 and 1 where left out."""

    scramble: YesNo | None = None
    """Of qmc: whether the sequence is scrambled by the study's seed; true where left out."""

    points: WholeNumber | None = Field(default=None, ge=1)
    """Of grid: values that a range is divided into, both ends among them; 3 where left out."""

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, written: object) -> object:
        return with_defaults(written, SAMPLER_OPTIONS, default_kind=SamplerName.TPE)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        check_options(self, self.kind, SAMPLER_OPTIONS)
        if self.group and not self.multivariate:
            raise ContradictionError("groups are drawn jointly: they need multivariate = true", ("group",))
        return self


def _spelled_out(written: object) -> object:
    if isinstance(written, dict | SamplerConfig):
        return written
    if not isinstance(written, str):
        raise ContradictionError(f"expected a sampler's name or a table, found {found(written)}")
    return {"kind": written}


Sampler = Annotated[
    SamplerConfig, BeforeValidator(_spelled_out, json_schema_input_type=SamplerName | SamplerConfig)
]
"""A sampler as it is written: its name, or a table of its kind and options."""
