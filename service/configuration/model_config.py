"""Which kind of model a study searches."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.kinds import SPACES, known_kind, space_type
from search_spaces.own.point import OwnPoint
from search_spaces.space import SearchSpace
from service.configuration.own_model import CodePlace

DEFAULT_KIND = next(iter(SPACES))
"""Kind of model of a study that names none."""


_NOUNS = {"network": "network", "boosting": "boosting model", "linear": "linear model"}


def model_noun(kind: str) -> str:
    """Return the noun for a kind of model, to stand after an article; `model` where it has no other."""
    return _NOUNS.get(kind, "model")


def training_defaults(kind: str) -> dict[str, int]:
    """Return `max_epochs` and `patience` of a kind of model, where a study leaves them out."""
    return _TRAINING.get(kind, _TRAINING[DEFAULT_KIND])


_TRAINING = {
    DEFAULT_KIND: {"max_epochs": 60, "patience": 10},
    "boosting": {"max_epochs": 500, "patience": 30},
    "linear": {"max_epochs": 1, "patience": 1},
    "estimator": {"max_epochs": 1, "patience": 1},
}
"""An epoch of boosting adds a tree, or one a class; linear models and estimators are fitted at once."""


def _code(written: str) -> str:
    CodePlace.of(written)
    return written


class ModelConfig(BaseModel):
    """What is trained."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Annotated[str, AfterValidator(known_kind)] = DEFAULT_KIND
    """Kind of model; `own` where `estimator` or `learner` is given."""

    estimator: Annotated[str, AfterValidator(_code)] | None = None
    """Your function that returns a scikit-learn estimator: `my_models:make_forest`, beside this file."""

    learner: Annotated[str, AfterValidator(_code)] | None = None
    """Your class that learns in epochs: `my_models:SmallNet`, beside this file."""

    inputs: Literal["numbers"] = "numbers"
    """What it reads: `numbers`, prepared as networks get them."""

    sha256: str | None = Field(default=None, pattern="[0-9a-f]{64}")
    """Checksum of its file, kept with the study; never written by hand."""

    @property
    def code(self) -> str | None:
        """Where the user's own model is, `FILE.py:NAME`; None of another kind."""
        return self.estimator or self.learner

    @property
    def trains_as(self) -> str:
        """Whose `training_defaults` it has."""
        return "estimator" if self.estimator is not None else self.kind

    @model_validator(mode="before")
    @classmethod
    def _own(cls, written: object) -> object:
        if isinstance(written, dict) and "kind" not in written and {"estimator", "learner"} & written.keys():
            return {"kind": OwnPoint.kind, **written}
        return written

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        given = [name for name in ("estimator", "learner") if getattr(self, name) is not None]
        if self.kind == OwnPoint.kind and len(given) != 1:
            raise ContradictionError(
                f"a model of one's own needs an estimator or a learner: expected one of them, got"
                f" {'both' if given else 'none'}",
                (given[-1] if given else "kind",),
            )
        if self.kind != OwnPoint.kind and given:
            raise ContradictionError(f"a model of one's own is of the kind own, got {self.kind}", ("kind",))
        return self

    @property
    def space_type(self) -> type[SearchSpace]:
        """What may be searched of it."""
        return space_type(self.kind)


def _spelled_out(written: object) -> object:
    return {"kind": written} if isinstance(written, str) else written


Model = Annotated[ModelConfig, BeforeValidator(_spelled_out, json_schema_input_type=str | ModelConfig)]
"""What is trained as it is written: the kind's name, or a table of it and its options."""
