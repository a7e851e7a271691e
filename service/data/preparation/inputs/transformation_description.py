"""A transformation in words: all that was fitted, but for the arrays of statistics."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.data.preparation.inputs.date_parts import DatePartsDescription
from service.data.preparation.inputs.hashing import HashingDescription
from service.data.preparation.inputs.numeric_columns import NumericDescription
from service.data.preparation.inputs.one_hot import OneHotDescription
from service.data.preparation.inputs.target_statistics import TargetStatisticsDescription

BlockDescription: TypeAlias = (
    NumericDescription
    | OneHotDescription
    | HashingDescription
    | TargetStatisticsDescription
    | DatePartsDescription
)


class TransformationDescription(BaseModel):
    """How columns become inputs, in the order of the inputs."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    format: Literal[1] = 1
    """Version of the fields' names and meanings, and of the arrays beside them."""

    blocks: tuple[Annotated[BlockDescription, Field(discriminator="block")], ...]
    """The inputs' parts."""

    dropped: dict[str, str]
    """Columns that nothing can be learned from, each with the reason."""

    @model_validator(mode="after")
    def _each_column_is_read_once(self) -> Self:
        for place, described in enumerate(self.blocks):
            read = _read(described)
            if len(set(read)) < len(read):
                raise ValueError(
                    f"expected a block to read each column once, got duplicates in block {place}"
                    f" ({described.block})"
                )
        return self


def _read(described: BlockDescription) -> list[str]:
    match described:
        case NumericDescription():
            return list(described.columns)
        case DatePartsDescription():
            return [f"{it.part} of {it.column}" for it in described.parts]
        case OneHotDescription() | HashingDescription() | TargetStatisticsDescription():
            return [it.column for it in described.columns]
