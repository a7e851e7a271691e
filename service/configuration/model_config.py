"""Which kind of model a study searches."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from search_spaces.kinds import SPACES, space_type
from search_spaces.space import SearchSpace

DEFAULT_KIND = next(iter(SPACES))
"""Kind of model of a study that names none."""


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
