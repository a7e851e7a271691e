"""Which kind of model a study searches."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from search_spaces.kinds import SPACES, space_type
from search_spaces.space import SearchSpace

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
}
"""An epoch of boosting adds a tree, or one a class; a linear model is fitted at once."""


def _known(kind: str) -> str:
    space_type(kind)
    return kind


class ModelConfig(BaseModel):
    """What is trained."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Annotated[str, AfterValidator(_known)] = DEFAULT_KIND
    """Kind of model."""

    @property
    def space_type(self) -> type[SearchSpace]:
        """What may be searched of it."""
        return space_type(self.kind)


def _spelled_out(written: object) -> object:
    return {"kind": written} if isinstance(written, str) else written


Model = Annotated[ModelConfig, BeforeValidator(_spelled_out, json_schema_input_type=str | ModelConfig)]
"""What is trained as it is written: the kind's name, or a table of it and its options."""
