"""The search space of the user's own model."""

from typing import ClassVar

from pydantic import model_validator

from search_spaces.fields import Fields
from search_spaces.own.fields import OwnFields
from search_spaces.shorthand import with_kinds
from search_spaces.space import SearchSpace


class OwnSpace(SearchSpace):
    """A space of the user's own model: each dimension but `target_scale` is an argument of the user's code.

    A range whose two ends are written without a decimal point is one of whole numbers.
    """

    fields: ClassVar[Fields] = OwnFields()

    @model_validator(mode="before")
    @classmethod
    def _with_kinds(cls, raw: object) -> object:
        if not isinstance(raw, dict):
            return raw
        return with_kinds({name: _with_whole_ends(written) for name, written in raw.items()}, cls.fields)


def _with_whole_ends(written: object) -> object:
    if not isinstance(written, dict) or "kind" in written or not {"low", "high"} <= written.keys():
        return written
    is_whole = all(type(written[end]) is int for end in ("low", "high"))
    return {"kind": "integer", **written} if is_whole else written
